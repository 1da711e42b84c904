/* A text of a layer that becomes markup must not make the page leave for another address. A content
   security policy cannot forbid that, so the elements that could are dropped where markup is read. */
(function () {
  "use strict";
  const forbidden = "meta, base, link, object, embed";
  const suspicious = /<(?:meta|base|link|object|embed)/i;
  const inner = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
  const outer = Object.getOwnPropertyDescriptor(Element.prototype, "outerHTML");
  const beside = Element.prototype.insertAdjacentHTML;

  function clean(fragment) {
    fragment.querySelectorAll(forbidden).forEach((each) => each.remove());
    fragment.querySelectorAll("template").forEach((each) => clean(each.content));
  }

  /* Nothing in a template runs, loads or leaves. */
  function read(html) {
    const box = document.createElement("template");
    inner.set.call(box, html);
    clean(box.content);
    return box;
  }

  Object.defineProperty(Element.prototype, "innerHTML", {
    ...inner,
    set(html) {
      if (this instanceof HTMLTemplateElement) {
        inner.set.call(this, html);
        clean(this.content);
      } else if (suspicious.test(html)) {
        this.replaceChildren(read(html).content);
      } else {
        inner.set.call(this, html);
      }
    },
  });
  Object.defineProperty(Element.prototype, "outerHTML", {
    ...outer,
    set(html) {
      outer.set.call(this, suspicious.test(html) ? inner.get.call(read(html)) : html);
    },
  });
  Element.prototype.insertAdjacentHTML = function (where, html) {
    beside.call(this, where, suspicious.test(html) ? inner.get.call(read(html)) : html);
  };
})();

"""Open a GeoPackage in QGIS and print what it shows; run by the Python that QGIS came with."""

import json
import sys


def open_layer(path):
    """Open the units, as a person who drops the file on the map."""
    from qgis.core import QgsVectorLayer  # noqa: PLC0415  only QGIS's own Python has it

    return QgsVectorLayer(f"{path}|layername=units", "units", "ogr")


def rules_of(layer):
    """List the classes of the style that a layer has, with the units that each paints."""
    found = []
    for rule in layer.renderer().rootRule().children():
        layer.setSubsetString(rule.filterExpression())
        found.append(
            {
                "label": rule.label(),
                "features": layer.featureCount(),
                "colour": rule.symbol().color().name(),
            }
        )
        layer.setSubsetString("")
    return found


def styled(layer, text):
    """Show the units in one of the styles that the file holds."""
    from qgis.PyQt.QtXml import QDomDocument  # noqa: PLC0415  only QGIS's own Python has it

    document = QDomDocument()
    document.setContent(text)
    layer.importNamedStyle(document)
    return rules_of(layer)


def main(path):
    from qgis.core import Qgis, QgsApplication  # noqa: PLC0415  only QGIS's own Python has it

    application = QgsApplication([], False)
    application.initQgis()
    opened = open_layer(path)
    opened.loadDefaultStyle()
    _, identifiers, names, _, _ = opened.listStylesInDatabase()
    texts = [opened.getStyleFromDatabase(each)[0] for each in identifiers]
    first = rules_of(opened)
    renderer = opened.renderer().type()
    styles = {name: styled(opened, text) for name, text in zip(names, texts, strict=True)}
    facts = {
        "version": Qgis.QGIS_VERSION,
        "valid": opened.isValid(),
        "features": opened.featureCount(),
        "crs": opened.crs().authid(),
        "default": next((name for name in styles if styles[name] == first), ""),
        "renderer": renderer,
        "opened": first,
        "styles": styles,
    }
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
    del opened
    application.exitQgis()


if __name__ == "__main__":
    main(sys.argv[1])

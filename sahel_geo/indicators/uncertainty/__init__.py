"""Any indicator under the error of where incidents lie."""

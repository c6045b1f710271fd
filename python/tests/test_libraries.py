from importlib.metadata import version

from presage_export.libraries import outdated_libraries


def test_libraries_that_are_too_old_are_named_and_no_others():
    needed = ["numpy>=1.26", 'scikit-learn>=99.1; extra == "sklearn"', "not-installed>=1.0", "onnxscript"]
    assert outdated_libraries(needed) == [f"scikit-learn: must be 99.1 or newer, got {version('scikit-learn')}"]

"""Configuration of the lit suites: tools on the path, FileCheck strict."""

import os

import lit.formats

config.name = "tenon"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.join(config.tenon_source, "test")
config.test_exec_root = os.path.join(config.tenon_build, "test")

config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.tenon_build, "bin"), config.llvm_bin, os.environ["PATH"]])
config.environment["FILECHECK_OPTS"] = "-enable-var-scope --allow-unused-prefixes=false"
for name in ("TENON_SMOLLM2_GGUF", "HOME", "TMPDIR"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%source", config.tenon_source))
config.substitutions.append(("%python", "python3"))
config.substitutions.append(("%fake_libcuda", os.path.join(config.tenon_build, "lib", "fake_libcuda.so")))
if os.environ.get("TENON_SMOLLM2_GGUF"):
    config.available_features.add("smollm2")

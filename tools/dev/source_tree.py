"""What the checks of tools/dev share: the files of the tree, its ops and passes, the exemptions, the report."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE_SUFFIXES = (".h", ".c", ".cpp", ".td")
FOLDERS = ("dialects", "passes", "codegen", "frontends", "runtime", "tools", "test", "bench", "examples")


def files(*suffixes, under=("",)):
    """The tree's files, tracked or new, relative to the root, by suffix and by first folders."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:  # an unpacked archive
        names = [os.path.relpath(os.path.join(folder, name), ROOT) for folder, _, held in os.walk(ROOT) for name in held]
        names = [name for name in names if not name.startswith("build" + os.sep)]
    return sorted(name for name in set(names)
                  if name.endswith(suffixes) and name.startswith(tuple(under)) and (ROOT / name).is_file())


def read(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def kebab(name):
    """FuseNormMatmul to fuse-norm-matmul."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def records(td):
    """The records that TableGen makes of a td file, as JSON; the pseudo-record !instanceof lists them by class."""
    tablegen = shutil.which("llvm-tblgen", path="/usr/lib/llvm-22/bin:" + os.environ.get("PATH", ""))
    with tempfile.TemporaryDirectory() as include:
        os.symlink(ROOT, os.path.join(include, "tenon"))
        done = subprocess.run([tablegen, "--dump-json", "-I", include, "-I", "/usr/lib/llvm-22/include", str(ROOT / td)],
                              capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{td}: {done.stderr}")
    return json.loads(done.stdout)


class Record:
    """An op, an attribute, a type or a pass: the fields that TableGen gave it, and the td file that defines it."""

    def __init__(self, td, fields):
        self.fields = fields
        self.name = fields["!name"]
        self.summary = (fields.get("summary") or "").strip()
        self.description = fields.get("description") or ""
        where = (fields.get("!locs") or [td])[0].split(":")[0]
        self.td = os.path.join(os.path.dirname(td), os.path.basename(where))
        self.folder = os.path.dirname(td)

    @property
    def mnemonic(self):
        return self.fields.get("opName") or self.fields.get("mnemonic") or ""

    @property
    def family(self):
        """Norm.td is the family norm."""
        return kebab(pathlib.Path(self.td).stem)

    def constraints(self):
        return sorted({int(number) for number in re.findall(r"\(C(\d+)\)", self.description)})


def _instances(td_name, kind):
    found = []
    for td in files(td_name, under=("dialects/", "passes/")):
        table = records(td)
        found += [Record(td, table[name]) for name in table["!instanceof"].get(kind, [])]
    return found


def dialects():
    return sorted(os.path.basename(os.path.dirname(name)) for name in files("/Ops.td", under=("dialects/",)))


def ops():
    """Every op of every dialect."""
    return _instances("/Ops.td", "Op")


def attributes_and_types():
    """Every attribute and type with a mnemonic."""
    return [record for kind in ("AttrDef", "TypeDef") for record in _instances("/Ops.td", kind) if record.mnemonic]


def passes():
    return _instances("/Passes.td", "PassBase")


class Check:
    """A check's problems, less the exempted ones. A line of exemptions.txt is `check thing: reason`."""

    def __init__(self, name, description):
        self.name = name
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--report", action="store_true", help="print what is wrong, but exit with 0")
        self.parser = parser
        self.problems = []
        self.exempt = {}
        for line in read("tools/dev/exemptions.txt").splitlines():
            match = re.match(rf"{re.escape(name)} (\S+): (.+)", line)
            if match:
                self.exempt[match.group(1)] = match.group(2)
        self.used = set()

    def problem(self, thing, text):
        """`thing` is what an exemption names: a path, path:function, op or pass."""
        if thing in self.exempt:
            self.used.add(thing)
        else:
            self.problems.append(f"{thing}: {text}")

    def finish(self, summary):
        for thing in sorted(set(self.exempt) - self.used):
            self.problems.append(f"tools/dev/exemptions.txt: '{self.name} {thing}' exempts nothing any more")
        for line in self.problems:
            print(line)
        print(f"{self.name}: {summary}, {len(self.problems)} wrong, {len(self.used)} exempted")
        sys.exit(1 if self.problems and not self.parser.parse_known_args()[0].report else 0)

"""What was read, lowered and compiled before is found again, bit for bit, and only where nothing changed."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from calor.core import kept_work, machine, targets
from calor.engine import compile_kernel, compile_persistent_kernel
from calor.engine.backends.llvm import source
from calor.engine.batch import Batch
from calor.engine.calendar import Calendar
from calor.engine.importers import sbml_system
from calor.engine.importers.files import load_model_file
from calor.engine.importers.sbml import load_sbml
from calor.engine.ir import lowering
from calor.engine.ir.cascade import leading_first
from calor.engine.ir.plain_program import plain_program, program_of_plain
from calor.engine.symbolic.plain_system import plain_system, system_of_plain
from calor.engine.symbolic.setting import set_values

MODELS = Path(__file__).parent / "models"
FILES = sorted([*MODELS.rglob("*.xml"), *MODELS.rglob("*.ant")])
EVENTS = """
model bouncing
  species S
  k = 0.3; S = 2; S' = -k*S; T = 0; T' = piecewise(1, S < 1, 0)
  half := S/2
  at S < 0.5, t0 = false, priority = 1: S = S + 1.5, k2 = k2 + 1
  k2 = 0; at (S > 1 && time >= 3 || k2 > 100): T = -0.0
end
"""
KEPT, KEEP = kept_work.kept, kept_work.keep


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A cache of its own, in which work is kept."""
    monkeypatch.setenv("CALOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept_work, "kept", KEPT)
    monkeypatch.setattr(kept_work, "keep", KEEP)
    return tmp_path / "cache"


@pytest.fixture
def model(tmp_path):
    import antimony

    assert antimony.loadAntimonyString(EVENTS) >= 0
    file = tmp_path / "model.xml"
    file.write_text(antimony.getSBMLString("bouncing"), encoding="utf-8")
    return file


@pytest.fixture
def made(monkeypatch):
    """The steps that were taken anew, in order."""
    taken = []

    def counted(module, name):
        original = getattr(module, name)

        def counting(*arguments):
            taken.append(name)
            return original(*arguments)

        monkeypatch.setattr(module, name, counting)

    counted(sbml_system, "read_system")
    counted(lowering, "lower")
    counted(source, "write_source")
    counted(machine, "_compile")
    return taken


ALL = ["read_system", "lower", "write_source", "_compile", "_compile"]  # the kernel and its observer


def course(file, settings=(), outputs=("S", "T", "half")):
    system = set_values(load_sbml(file), settings)
    batch = Batch(np.linspace(0.0, 20.0, 41), outputs)
    result = compile_persistent_kernel(system).simulate(batch)
    return result.outputs.tobytes(), result.final_states.tobytes(), result.steps.tobytes()


def test_a_second_course_makes_nothing_and_has_the_same_bits(folder, model, made):
    first = course(model)
    assert made == ALL
    assert course(model) == first
    assert made == ALL


def test_other_values_of_parameters_take_the_same_code(folder, model, made):
    first = course(model)
    assert course(model, [("k", 0.31)]) != first
    assert course(model) == first
    assert made == ALL


def test_other_outputs_make_another_observer_only(folder, model, made):
    course(model)
    course(model, outputs=("T",))
    assert made == [*ALL, "write_source", "_compile"]


def test_a_changed_byte_of_the_model_is_read_anew(folder, model, made):
    first = course(model)
    model.write_text(model.read_text().replace("0.3", "0.4"))
    assert course(model) != first
    assert made == [*ALL, "read_system"]  # the formulas are the same: only a value changed


def test_a_changed_formula_is_lowered_anew_and_what_it_changes_compiled(folder, model, made):
    first = course(model)
    model.write_text(model.read_text().replace('<cn type="integer"> 2 </cn>', "<cn> 2.5 </cn>"))
    assert course(model) != first
    assert made == [*ALL, *ALL[:3], "_compile"]  # only the observer has it


def test_what_the_caller_gives_belongs_to_what_is_read(folder, model, made):
    load_sbml(model)
    load_sbml(model, ["k"])
    load_sbml(model, ["k"])
    assert made == ["read_system", "read_system"]


def test_other_code_of_calor_makes_all_anew(folder, model, made, monkeypatch):
    first = course(model)
    monkeypatch.setattr(kept_work, "own_code", lambda: "another version")
    assert course(model) == first
    assert made == [*ALL, *ALL[:3]]  # the text is the same, and so is its code


def test_another_libsbml_reads_anew(folder, model, made, monkeypatch):
    load_sbml(model)
    monkeypatch.setattr(kept_work, "library", lambda name: f"{name}, a newer one")
    load_sbml(model)
    assert made == ["read_system", "read_system"]


def test_another_target_has_code_of_its_own(folder, model, made, monkeypatch):
    here = [each.name for each in targets.TARGETS if each.is_here]
    for name in here:
        monkeypatch.setenv(targets.PINNED, name)
        course(model)
    assert made == [*ALL, *(len(here) - 1) * ALL[2:]]


def test_another_llvm_has_code_of_its_own(folder, model, made, monkeypatch):
    course(model)
    monkeypatch.setattr(machine.llvmlite, "__version__", "another")
    course(model)
    assert made == [*ALL, *ALL[2:]]


@pytest.mark.parametrize("kind", ["systems", "programs", "layouts", "kernels"])
@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:-1] + b"!", lambda b: b"", lambda b: b[:40]]
)
def test_a_damaged_file_is_made_anew_and_written_again(folder, model, made, kind, damage):
    first = course(model)
    files = sorted((folder / kind).iterdir())
    before = [file.read_bytes() for file in files]
    for file, content in zip(files, before, strict=True):
        file.write_bytes(damage(content))
    assert course(model) == first
    assert len(made) > len(ALL)
    assert [file.read_bytes() for file in files] == before
    again = len(made)
    assert course(model) == first
    assert len(made) == again


def test_code_that_is_gone_is_compiled_anew(folder, model, made):
    first = course(model)
    for file in (folder / "kernels").iterdir():
        file.unlink()
    assert course(model) == first
    assert made == [*ALL, *ALL[2:]]


def test_a_folder_that_cannot_be_written_is_done_without(folder, model, made):
    first = course(model)
    for kind in ("systems", "programs", "layouts", "kernels"):
        for file in (folder / kind).iterdir():
            file.unlink()
        (folder / kind).rmdir()
        (folder / kind).write_text("no folder")  # which stops even those who may write everywhere
    assert course(model) == first
    assert course(model) == first
    assert made == 3 * ALL


def test_a_model_that_is_refused_is_refused_again(folder, model):
    model.write_text(model.read_text().replace("<model", "<mode"))
    for _ in range(2):
        with pytest.raises(Exception, match=r"model\.xml"):
            load_sbml(model)
    assert not (folder / "systems").exists()


def _sent_course(file, sender):
    kept_work.kept, kept_work.keep = KEPT, KEEP
    sender.send(course(file))


def test_two_processes_at_once_find_what_is_whole(folder, model):
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe(duplex=False) for _ in range(4)]
    workers = [context.Process(target=_sent_course, args=(model, sender)) for _, sender in pipes]
    for worker in workers:
        worker.start()
    found = {receiver.recv() for receiver, _ in pipes}
    for worker in workers:
        worker.join()
    assert found == {course(model)}
    assert len(list((folder / "systems").iterdir())) == 1  # nothing half-written is left


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_systems_and_programs_come_back_as_they_were(file):
    system = load_model_file(file)
    assert system_of_plain(plain_system(system)) == system
    program = lowering.lower(system)
    for each in (program, leading_first(program)) if program.state_names else (program,):
        back = program_of_plain(plain_program(each))
        assert back == each
        assert back.text == each.text


def test_leading_states_are_looked_for_where_doses_are_many(folder, model, made, monkeypatch):
    kernel = compile_kernel(load_sbml(model))
    monkeypatch.setattr("calor.engine.ir.cascade.leading_first", lambda _: pytest.fail("looked for"))
    kernel.simulate(Batch(np.array([1.0]), ("S",), calendars=(Calendar.empty(),)))

"""LLVM text -> a module that a machine's code can be made of."""

from __future__ import annotations

from llvmlite import binding


def module_for(machine: binding.TargetMachine, text: str) -> binding.ModuleRef:
    """Return the module of a text for a kind of machine, its variables turned into registers.

    Nothing else is changed: the text is already straight and shared, and LLVM's usual passes took three
    times as long to make code that was no faster.
    """
    module = binding.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    module.verify()
    passes = binding.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.run(module, binding.create_pass_builder(machine, binding.create_pipeline_tuning_options()))
    return module

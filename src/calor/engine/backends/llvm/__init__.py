"""The default backend: LLVM vector code through llvmlite, one patient a lane.

`builder` writes LLVM's text; `mathematics` the vector functions; `expressions` a program's operations;
`elimination` the sparse LU; `step` one Rosenbrock step; `observe` outputs between steps; `driver` the loop
over steps, calendars and patients; `layout` where things lie in memory; `source` puts the text together;
`machine` compiles and caches it; `kernel` runs it over a batch. Nothing else knows LLVM.
"""

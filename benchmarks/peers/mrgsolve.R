# Simulates batches of patients with mrgsolve, asked line by line: "patients rtol".
#
# Arguments: a folder with model.cpp, doses.csv (time, amt, rate, cmt, evid), times.bin and varying.txt.
# A request's parameters are in parameters.bin (patient after patient); the answer is "done SECONDS", the
# processor time of mrgsim_q alone, with outputs.bin (row after row), or "failed".

suppressPackageStartupMessages(library(mrgsolve))
folder <- commandArgs(trailingOnly = TRUE)[1]
inside <- function(name) file.path(folder, name)
numbers <- function(name, n) readBin(inside(name), "double", n)

model <- mread("model", project = folder, soloc = folder, quiet = TRUE)
doses <- read.csv(inside("doses.csv"))
varying <- readLines(inside("varying.txt"))
times <- numbers("times.bin", file.size(inside("times.bin")) / 8)

data_of <- function(n) {
  parameters <- matrix(numbers("parameters.bin", n * length(varying)), n, byrow = TRUE)
  colnames(parameters) <- varying
  patient <- rep(seq_len(n), each = nrow(doses))
  data <- cbind(ID = patient, doses[rep(seq_len(nrow(doses)), n), ], parameters[patient, , drop = FALSE])
  valid_data_set(data, model)
}

simulate <- function(n, rtol) {
  data <- data_of(n)
  solver <- update(model, rtol = rtol, atol = rtol * 1e-3, maxsteps = 1e6)
  began <- proc.time()
  found <- mrgsim_q(solver, data, stime = times, output = "matrix")
  seconds <- sum((proc.time() - began)[c("user.self", "sys.self")])
  # Doses have rows too; of rows at one time the last comes after what happens then.
  rows <- nrow(found) / n
  first <- found[seq_len(rows), "time"]
  kept <- rows + 1 - match(times, rev(first))
  outputs <- found[rep((seq_len(n) - 1) * rows, each = length(times)) + kept, outvars(model)$capture]
  writeBin(as.vector(t(outputs)), inside("outputs.bin"))
  stopifnot(all(is.finite(outputs)))
  seconds
}

input <- file("stdin", "r")
cat("ready\n")
flush(stdout())
while (length(line <- readLines(input, 1)) > 0) {
  asked <- as.numeric(strsplit(line, " ")[[1]])
  seconds <- tryCatch(simulate(asked[1], asked[2]), error = function(e) NULL)
  cat(if (is.null(seconds)) "failed" else sprintf("done %.6f", seconds), "\n")
  flush(stdout())
}

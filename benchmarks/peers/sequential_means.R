# How long rpact takes to simulate a group-sequential trial of two means; prints version,
# seconds of processor time and power. rpact draws means and SDs of stages, no patients.
# Run: Rscript benchmarks/peers/sequential_means.R REPLICATES PATIENTS
suppressMessages(library(rpact))
setLogLevel("DISABLED")
asked <- as.integer(commandArgs(trailingOnly = TRUE))
design <- getDesignGroupSequential(typeOfDesign = "asOF", informationRates = c(0.5, 1), alpha = 0.025, sided = 1)
spent <- system.time(
  found <- getSimulationMeans(design, alternative = 0.8, stDev = 2, plannedSubjects = asked[2] * c(0.5, 1),
                              maxNumberOfIterations = asked[1], seed = 1)
)
cat(as.character(packageVersion("rpact")), spent[["user.self"]] + spent[["sys.self"]], found$overallReject, "\n")

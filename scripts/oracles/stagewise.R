# Inference after group-sequential trials by rpact (what getAnalysisResults shows): final p values, confidence
# intervals and median-unbiased estimates (stage-wise ordering). Run from the repository root: Rscript scripts/oracles/stagewise.R
suppressMessages({library(rpact); library(jsonlite)})
setLogLevel("DISABLED")

plans <- list(
  list(spending = "asOF", information = c(0.5, 1)),
  list(spending = "asP", information = c(0.5, 1)),
  list(spending = "OF", information = c(1, 2, 3) / 3),
  list(spending = "P", information = c(1, 2, 3) / 3),
  list(spending = "asOF", information = c(0.3, 0.7, 1)),
  list(spending = "asP", information = (1:4) / 4)
)
per_arm <- 100

# Means of the stages whose cumulative statistics are about those asked for (SD 2 in every stage and arm).
data_for <- function(information, z) {
  n <- round(diff(c(0, information)) * per_arm)
  reached <- seq_along(z)
  total <- cumsum(n)[reached]
  sums <- c(z * 2 * sqrt(2 / total) * total)
  list(n = n[reached], means = diff(c(0, sums)) / n[reached])
}

case_of <- function(plan, z) {
  design <- getDesignGroupSequential(typeOfDesign = plan$spending, informationRates = plan$information,
                                     alpha = 0.025, sided = 1)
  data <- data_for(plan$information, z)
  n <- data$n
  set <- getDataset(n1 = n, n2 = n, means1 = data$means, means2 = rep(0, length(n)),
                    stDevs1 = rep(2, length(n)), stDevs2 = rep(2, length(n)))
  stages <- getStageResults(design, set, normalApproximation = TRUE)
  p_value <- getFinalPValue(stages)
  found <- getFinalConfidenceInterval(design, set, normalApproximation = TRUE, directionUpper = TRUE,
                                      tolerance = 1e-11)
  look <- length(n)
  scale <- sqrt(2 / sum(n))
  list(spending = plan$spending, information = plan$information, look = look - 1,
       z = qnorm(stages$overallPValues[look], lower.tail = FALSE), p_value = p_value$pFinal,
       median = found$medianUnbiasedGeneral / scale, lower = found$finalConfidenceIntervalGeneral[1] / scale,
       upper = found$finalConfidenceIntervalGeneral[2] / scale)
}

cases <- list()
for (plan in plans) {
  looks <- length(plan$information)
  critical <- getDesignGroupSequential(typeOfDesign = plan$spending, informationRates = plan$information,
                                       alpha = 0.025, sided = 1)$criticalValues
  for (look in seq_len(looks)) {
    before <- rep(0.8, look - 1)
    ends <- if (look < looks) critical[look] + c(0.1, 0.6, 1.4) else c(-1.2, 0.3, 1.5, critical[look] + 0.05, 3.2)
    for (end in ends) cases[[length(cases) + 1]] <- case_of(plan, c(before, end))
  }
}
oracle <- list(tool = paste0("rpact ", packageVersion("rpact"), ", R ", getRversion()), cases = cases)
write_json(oracle, "tests/oracles/stagewise.json", digits = NA, auto_unbox = TRUE)
cat(length(cases), "cases\n")

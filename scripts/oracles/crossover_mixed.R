# Writes tests/oracles/crossover_mixed.json: incomplete crossovers and the REML fits of nlme::gls.
# Run from the repository's root: Rscript scripts/oracles/crossover_mixed.R
suppressMessages({library(nlme); library(jsonlite)})
set.seed(20260103)

case_of <- function(sequences, n, missing) {
  n_periods <- ncol(sequences)
  treatment <- sequences[rep_len(seq_len(nrow(sequences)), n), ]
  outcome <- rnorm(n, 6.5, 1.3) - 0.9 * (treatment == 1) - 0.4 * (treatment == 2) +
    matrix(rnorm(n * n_periods), n) + rep(0.2 * seq_len(n_periods), each = n)
  outcome[sample(n * n_periods, missing)] <- NA
  frame <- data.frame(y = as.vector(outcome), id = factor(rep(1:n, n_periods)),
                      period = factor(rep(1:n_periods, each = n)), treatment = factor(as.vector(treatment)))
  frame <- frame[!is.na(frame$y), ]
  model <- gls(y ~ period + treatment, frame, correlation = corCompSymm(form = ~ 1 | id), method = "REML",
               control = glsControl(tolerance = 1e-12, msTol = 1e-13, maxIter = 500, msMaxIter = 500))
  list(outcome = outcome, treatment = treatment, effect = unname(coef(model)["treatment1"]),
       model_error = sqrt(vcov(model)["treatment1", "treatment1"]))
}

williams <- rbind(c(0, 1, 2), c(1, 2, 0), c(2, 0, 1), c(0, 2, 1), c(1, 0, 2), c(2, 1, 0))
two <- rbind(c(0, 1), c(1, 0))
oracle <- list(tool = paste0("nlme ", packageVersion("nlme"), ", R ", getRversion()),
               cases = list(case_of(two, 20, 5), case_of(two, 40, 9), case_of(two, 12, 0),
                            case_of(williams, 24, 8), case_of(williams, 36, 0)))
write_json(oracle, "tests/oracles/crossover_mixed.json", digits = NA, auto_unbox = TRUE, na = "null")

# Writes tests/oracles/linear_models.json: data sets with R's own t test, ANCOVA and crossover analysis.
# Run from the repository's root: Rscript scripts/oracles/linear_models.R
library(jsonlite)
set.seed(20260101)

inference <- function(model, weights) {
  effect <- sum(coef(model)[names(weights)] * weights)
  covariance <- vcov(model)[names(weights), names(weights), drop = FALSE]
  error <- sqrt(as.numeric(t(weights) %*% covariance %*% weights))
  degrees <- model$df.residual
  half <- qt(0.95, degrees) * error
  list(effect = effect, standard_error = error, degrees_of_freedom = degrees,
       p_value_less = pt(effect / error, degrees),
       p_value_two_sided = 2 * pt(-abs(effect / error), degrees),
       lower_90 = effect - half, upper_90 = effect + half)
}

parallel_case <- function(n, n_arms, missing, n_strata) {
  arm <- sample(rep_len(0:(n_arms - 1), n))
  stratum <- sample(rep_len(0:(n_strata - 1), n))
  baseline <- rnorm(n, 6.8, 1.3)
  outcome <- 0.6 * baseline - 0.5 * arm + 0.4 * stratum + rnorm(n, 0, 1.7)
  outcome[sample(n, missing)] <- NA
  frame <- data.frame(outcome, baseline, arm = factor(arm), stratum = factor(stratum))
  formula <- if (n_strata > 1) outcome ~ arm + baseline + stratum else outcome ~ arm + baseline
  test <- t.test(outcome[arm == 1], outcome[arm == 0], var.equal = TRUE)
  list(outcome = outcome, baseline = baseline, arm = arm, stratum = stratum, n_strata = n_strata,
       ancova = inference(lm(formula, frame), c(arm1 = 1)),
       t_test = list(effect = -unname(diff(test$estimate)), standard_error = test$stderr,
                     degrees_of_freedom = unname(test$parameter), p_value_two_sided = test$p.value))
}

crossover_case <- function(n, missing) {
  active_first <- sample(rep_len(c(TRUE, FALSE), n))
  treatment <- cbind(ifelse(active_first, 1, 0), ifelse(active_first, 0, 1))
  patient_mean <- rnorm(n, 6.5, 1.5)
  outcome <- patient_mean - 0.9 * treatment + cbind(rep(0, n), rep(0.4, n)) + rnorm(2 * n, 0, 1.1)
  outcome[sample(2 * n, missing)] <- NA
  complete <- rowSums(is.na(outcome)) == 0
  long <- data.frame(outcome = as.vector(outcome[complete, ]), treatment = as.vector(treatment[complete, ]),
                     period = factor(rep(1:2, each = sum(complete))),
                     patient = factor(rep(seq_len(sum(complete)), 2)))
  total <- rowSums(outcome)
  model <- lm(outcome ~ patient + period + treatment, long)
  list(outcome = outcome, treatment = treatment,
       effect = inference(model, c(treatment = 1)),
       period = inference(model, c(period2 = 1)),
       carry_over = inference(lm(total ~ active_first), c(active_firstTRUE = 1)))
}

cases <- list(
  tool = paste("R", getRversion()),
  parallel = list(parallel_case(24, 2, 0, 1), parallel_case(40, 3, 5, 1), parallel_case(108, 2, 9, 3),
                  parallel_case(9, 2, 1, 2)),
  crossover = list(crossover_case(12, 0), crossover_case(13, 2), crossover_case(40, 6))
)
write_json(cases, "tests/oracles/linear_models.json", digits = NA, auto_unbox = TRUE, na = "null")

# Writes tests/oracles/responders.json: logistic regression (glm), pooled z test (prop.test) and p.adjust.
# Run from the repository's root: Rscript scripts/oracles/responders.R
library(jsonlite)
set.seed(20260104)

case_of <- function(n, n_arms, n_strata, missing) {
  arm <- sample(rep_len(0:(n_arms - 1), n))
  stratum <- sample(rep_len(0:(n_strata - 1), n))
  baseline <- rnorm(n, 6.8, 1.3)
  outcome <- rbinom(n, 1, plogis(-1 + 0.7 * arm + 0.3 * (baseline - 6.8) + 0.2 * stratum))
  outcome[sample(n, missing)] <- NA
  frame <- data.frame(outcome, baseline, arm = factor(arm), stratum = factor(stratum))
  formula <- if (n_strata > 1) outcome ~ arm + baseline + stratum else outcome ~ arm + baseline
  model <- glm(formula, binomial, frame, control = glm.control(epsilon = 1e-15, maxit = 100))
  error <- sqrt(vcov(model)["arm1", "arm1"])
  effect <- unname(coef(model)["arm1"])
  kept <- !is.na(outcome) & arm < 2
  test <- prop.test(rev(tapply(outcome[kept], arm[kept], sum)), rev(tapply(outcome[kept], arm[kept], length)), correct = FALSE)
  list(outcome = outcome, arm = arm, stratum = stratum, baseline = baseline, n_strata = n_strata,
       logistic = list(effect = effect, standard_error = error, p_value_two_sided = 2 * pnorm(-abs(effect / error))),
       risk = list(effect = unname(-diff(test$estimate)), p_value_two_sided = test$p.value))
}

p_values <- matrix(runif(40)^2, 8)
adjusted <- function(method) t(apply(p_values, 1, p.adjust, method = method))
oracle <- list(tool = paste("R", getRversion()),
               cases = list(case_of(60, 2, 1, 4), case_of(120, 3, 3, 10), case_of(30, 2, 2, 0)),
               p_values = p_values, bonferroni = adjusted("bonferroni"), holm = adjusted("holm"),
               hochberg = adjusted("hochberg"))
write_json(oracle, "tests/oracles/responders.json", digits = NA, auto_unbox = TRUE, na = "null")

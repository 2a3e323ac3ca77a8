# Writes tests/oracles/mmrm.json: repeated measures with dropout, and the REML fits of nlme::gls.
# Run from the repository's root: Rscript scripts/oracles/mmrm.R
suppressMessages({library(nlme); library(jsonlite)})
set.seed(20260102)

simulate <- function(n, n_visits, n_arms, n_strata, dropped, holes) {
  arm <- sample(rep_len(0:(n_arms - 1), n))
  stratum <- sample(rep_len(0:(n_strata - 1), n))
  baseline <- rnorm(n, 6.8, 1.3)
  covariance <- 2.2 * 0.7^abs(outer(1:n_visits, 1:n_visits, "-")) * outer(1 + 0.1 * (1:n_visits), 1 + 0.1 * (1:n_visits))
  outcome <- matrix(rnorm(n * n_visits), n) %*% chol(covariance) + 0.6 * baseline - 0.4 * arm + 0.3 * stratum
  leaves <- sample(n, dropped)
  for (patient in leaves) outcome[patient, sample(2:n_visits, 1):n_visits] <- NA
  outcome[cbind(sample(n, holes), sample(n_visits, holes, replace = TRUE))] <- NA
  outcome[rowSums(!is.na(outcome)) == 0, 1] <- 5
  list(arm = arm, stratum = stratum, baseline = baseline, outcome = outcome)
}

long_of <- function(responses, data) {
  n <- nrow(responses); n_responses <- ncol(responses)
  frame <- data.frame(y = as.vector(responses), id = factor(rep(1:n, n_responses)),
                      time = rep(1:n_responses, each = n), visit = factor(rep(1:n_responses, each = n)),
                      arm = factor(rep(data$arm, n_responses)), stratum = factor(rep(data$stratum, n_responses)),
                      baseline = rep(data$baseline, n_responses))
  frame <- frame[!is.na(frame$y), ]
  frame[order(frame$id, frame$time), ]
}

fit_of <- function(formula, frame) {
  gls(formula, frame, correlation = corSymm(form = ~ time | id), weights = varIdent(form = ~ 1 | visit),
      method = "REML", control = glsControl(tolerance = 1e-12, msTol = 1e-13, maxIter = 500, msMaxIter = 500))
}

mmrm_of <- function(data) {
  n_visits <- ncol(data$outcome)
  frame <- long_of(data$outcome, data)
  # a full-rank matrix: visit means, then the slopes of arm, baseline and stratum at every visit
  matrix <- do.call(cbind, lapply(1:n_visits, function(visit) {
    here <- as.numeric(frame$visit == visit)
    columns <- cbind(one = here, model.matrix(~ arm, frame)[, -1, drop = FALSE] * here, baseline = frame$baseline * here)
    if (length(unique(data$stratum)) > 1) columns <- cbind(columns, model.matrix(~ stratum, frame)[, -1, drop = FALSE] * here)
    colnames(columns) <- paste0(colnames(columns), "_v", visit)
    columns
  }))
  frame <- cbind(frame, matrix)
  model <- fit_of(as.formula(paste("y ~ 0 +", paste(colnames(matrix), collapse = " + "))), frame)
  name <- paste0("arm1_v", n_visits)
  list(effect = unname(coef(model)[name]), model_error = sqrt(vcov(model)[name, name]),
       first_visit_effect = unname(coef(model)["arm1_v1"]), log_likelihood = as.numeric(logLik(model)))
}

clda_of <- function(data) {
  responses <- cbind(data$baseline, data$outcome)
  frame <- long_of(responses, data)
  n_responses <- ncol(responses)
  matrix <- do.call(cbind, lapply(1:n_responses, function(response) {
    here <- as.numeric(frame$visit == response)
    columns <- cbind(one = here)
    if (response > 1) columns <- cbind(columns, model.matrix(~ arm, frame)[, -1, drop = FALSE] * here)
    if (length(unique(data$stratum)) > 1) columns <- cbind(columns, model.matrix(~ stratum, frame)[, -1, drop = FALSE] * here)
    colnames(columns) <- paste0(colnames(columns), "_v", response)
    columns
  }))
  frame <- cbind(frame, matrix)
  model <- fit_of(as.formula(paste("y ~ 0 +", paste(colnames(matrix), collapse = " + "))), frame)
  name <- paste0("arm1_v", n_responses)
  list(effect = unname(coef(model)[name]), model_error = sqrt(vcov(model)[name, name]))
}

case_of <- function(...) {
  data <- simulate(...)
  c(data, list(mmrm = mmrm_of(data), clda = clda_of(data)))
}

oracle <- list(tool = paste0("nlme ", packageVersion("nlme"), ", R ", getRversion()),
               cases = list(case_of(60, 3, 2, 1, 14, 0), case_of(120, 4, 2, 2, 30, 6), case_of(90, 3, 3, 1, 20, 4),
                            case_of(40, 4, 2, 1, 8, 3), case_of(50, 3, 2, 1, 0, 0)))
write_json(oracle, "tests/oracles/mmrm.json", digits = NA, auto_unbox = TRUE, na = "null")

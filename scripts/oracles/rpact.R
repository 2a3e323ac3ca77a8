# Writes tests/oracles/rpact.json: boundaries, sample sizes and power from rpact.
# Run from the repository's root: Rscript scripts/oracles/rpact.R
# rpact finds fixed sample sizes to 1e-4 on n2; `tight` repeats its equation in base R to full precision.
suppressMessages({library(rpact); library(jsonlite)})

parameter_of <- list(OF = NULL, P = NULL, WT = c(0.1, 0.25, 0.4), HP = c(3, 3.3), asOF = NULL, asP = NULL,
                     KD = c(1, 2, 3.5))

design_of <- function(spending, parameter, information, alpha, sided, beta = 0.1, tolerance = 1e-10) {
  arguments <- list(typeOfDesign = if (spending == "KD") "asKD" else spending, informationRates = information,
                    kMax = length(information), alpha = alpha, sided = sided, beta = beta,
                    tolerance = tolerance)
  if (spending == "WT") arguments$deltaWT <- parameter
  if (spending == "KD") arguments$gammaA <- parameter
  if (spending == "HP") arguments$constantBoundsHP <- parameter
  do.call(getDesignGroupSequential, arguments)
}

grid_of_plans <- function() {
  looks <- list(c(0.5, 1), c(0.3, 0.7, 1), (1:3) / 3, (1:5) / 5, c(0.2, 0.25, 0.6, 1))
  plans <- list()
  for (spending in names(parameter_of)) for (information in looks) for (sided in 1:2) {
    values <- parameter_of[[spending]]
    parameter <- if (is.null(values)) NULL else values[[1 + length(plans) %% length(values)]]
    alpha <- c(0.025, 0.05, 0.01)[[1 + length(plans) %% 3]]
    plans[[length(plans) + 1]] <- list(spending = spending, parameter = parameter, information = information,
                                       alpha = alpha, sided = sided)
  }
  plans
}

# rpact finds probabilities to 1e-10, which is coarse beyond z = 5; the first look has a closed form.
first_exact <- function(plan) {
  spent <- 2 * plan$sided * pnorm(qnorm(1 - plan$alpha / (2 * plan$sided)) / sqrt(plan$information[1]), lower.tail = FALSE)
  qnorm(spent / plan$sided, lower.tail = FALSE)
}

boundary_case <- function(plan) {
  design <- with(plan, design_of(spending, parameter, information, alpha, sided))
  c(plan, list(critical_values = design$criticalValues, alpha_spent = design$alphaSpent,
               stage_levels = design$stageLevels,
               first_exact = if (plan$spending == "asOF") first_exact(plan) else NULL))
}

tight_mean_size <- function(effect, n_means, level, beta) {
  miss <- function(n) pt(qt(1 - level, n - n_means), n - n_means, sqrt(n) * effect) - beta
  start <- ((qnorm(1 - level) + qnorm(1 - beta)) / effect)^2
  uniroot(miss, c(n_means + 0.01, 4 * start + 20), tol = 1e-13, maxiter = 10000)$root
}

size_of <- function(case, design = NULL) {
  arguments <- if (is.null(design)) list(alpha = case$alpha, sided = case$sided, beta = 1 - case$power)
               else list(design = design)
  groups <- if (case$endpoint == "crossover") 1 else 2
  if (case$endpoint == "rate") {
    plan <- do.call(getSampleSizeRates, c(arguments, list(pi1 = case$rate1, pi2 = case$rate2,
                                                          allocationRatioPlanned = case$allocation)))
  } else {
    arguments <- c(arguments, list(groups = groups, alternative = case$delta, stDev = case$sd,
                                   normalApproximation = case$normal_approximation))
    if (groups == 2) arguments$allocationRatioPlanned <- case$allocation
    plan <- do.call(getSampleSizeMeans, arguments)
  }
  if (is.null(design)) return(list(n_total = as.numeric(plan$nFixed)))
  list(n_total = as.numeric(plan$maxNumberOfSubjects), expected_n_h1 = as.numeric(plan$expectedNumberOfSubjectsH1),
       expected_n_h0 = as.numeric(plan$expectedNumberOfSubjectsH0))
}

tight_of <- function(case) {
  if (case$endpoint == "rate" || case$normal_approximation) return(NULL)
  per_patient <- if (case$endpoint == "crossover") 1 else sqrt(case$allocation) / (1 + case$allocation)
  n_means <- if (case$endpoint == "crossover") 1 else 2
  tight_mean_size(per_patient * case$delta / case$sd, n_means, case$alpha / case$sided, 1 - case$power)
}

power_of <- function(case, n, design = NULL) {
  arguments <- if (is.null(design)) list(alpha = case$alpha, sided = case$sided) else list(design = design)
  arguments$maxNumberOfSubjects <- n
  if (case$endpoint == "rate") {
    plan <- do.call(getPowerRates, c(arguments, list(pi1 = case$rate1, pi2 = case$rate2, directionUpper = case$rate1 > case$rate2,
                                                     allocationRatioPlanned = case$allocation)))
  } else {
    arguments <- c(arguments, list(groups = if (case$endpoint == "crossover") 1 else 2, alternative = case$delta,
                                   stDev = case$sd, normalApproximation = case$normal_approximation))
    if (case$endpoint == "mean") arguments$allocationRatioPlanned <- case$allocation
    plan <- do.call(getPowerMeans, arguments)
  }
  as.numeric(plan$overallReject)
}

endpoints <- list(
  list(endpoint = "mean", delta = 1, sd = 2.5, allocation = 1, normal_approximation = FALSE),
  list(endpoint = "mean", delta = 1.4, sd = 1.9, allocation = 2, normal_approximation = FALSE),
  list(endpoint = "mean", delta = 0.6, sd = 1.7, allocation = 0.5, normal_approximation = TRUE),
  list(endpoint = "mean", delta = 3, sd = 2, allocation = 1, normal_approximation = FALSE),
  list(endpoint = "crossover", delta = 1.55, sd = 1.8, allocation = 1, normal_approximation = FALSE),
  list(endpoint = "crossover", delta = 0.8, sd = 2, allocation = 1, normal_approximation = TRUE),
  list(endpoint = "rate", rate1 = 0.5, rate2 = 0.25, allocation = 1, normal_approximation = FALSE),
  list(endpoint = "rate", rate1 = 0.1, rate2 = 0.3, allocation = 2, normal_approximation = FALSE)
)

size_cases <- list()
for (endpoint in endpoints) for (sided in 1:2) for (power in c(0.8, 0.9)) {
  case <- c(endpoint, list(alpha = 0.025 * sided, sided = sided, power = power))
  fixed <- size_of(case)
  smaller <- round(0.6 * fixed$n_total)
  size_cases[[length(size_cases) + 1]] <-
    c(case, list(plan = NULL, tight_n_total = tight_of(case), n = smaller, power_at_n = power_of(case, smaller)), fixed)
  spending <- names(parameter_of)[[1 + length(size_cases) %% 7]]
  information <- list(c(0.5, 1), c(0.3, 0.7, 1), (1:4) / 4)[[1 + length(size_cases) %% 3]]
  plan <- list(spending = spending, parameter = parameter_of[[spending]][1], information = information)
  design <- design_of(spending, plan$parameter, information, case$alpha, sided, 1 - power)
  size_cases[[length(size_cases) + 1]] <-
    c(case, list(plan = plan, tight_n_total = tight_of(case), inflation = getDesignCharacteristics(design)$inflationFactor,
                 n = smaller, power_at_n = power_of(case, smaller, design)), size_of(case, design))
}

oracle <- list(tool = paste0("rpact ", packageVersion("rpact"), ", R ", getRversion()),
               boundaries = lapply(grid_of_plans(), boundary_case), sizes = size_cases)
write_json(oracle, "tests/oracles/rpact.json", digits = NA, auto_unbox = TRUE, null = "null")
cat(length(oracle$boundaries), "boundary cases,", length(oracle$sizes), "size cases\n")

/* Surroundings that decay with distance, all pairs: the same sums as segregate.Decay, one loop inside the other. */
#include <math.h>

void decay_sums(const double *x, const double *y, const double *own, const double *values, double *sums, long n, long k,
                double scale) {
#pragma omp parallel for schedule(static)
  for (long j = 0; j < n; j++) {
    double total[16] = {0};
    for (long i = 0; i < n; i++) {
      double dx = x[i] - x[j], dy = y[i] - y[j];
      double distance = i == j ? own[j] : sqrt(dx * dx + dy * dy);
      double weight = exp(-distance / scale);
      for (long m = 0; m < k; m++) total[m] += weight * values[i * k + m];
    }
    for (long m = 0; m < k; m++) sums[j * k + m] = total[m];
  }
}

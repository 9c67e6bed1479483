/** How long an API server may take for one answer, in milliseconds, unless said. */
const patience = 10_000;

/**
 * An answer of the Kubernetes API within a time limit in milliseconds: the API's client knows none itself, and would wait for ever. Throws what it throws,
 * that there was no answer in time, or the reason of an `ended` that ends the wait.
 */
export async function within<T>(answer: Promise<T>, limit = patience, ended?: AbortSignal): Promise<T> {
  const late = AbortSignal.timeout(limit);
  const over = ended ? AbortSignal.any([ended, late]) : late;
  const end = new Promise<never>((_, reject) => {
    const stop = () => reject(ended?.aborted ? ended.reason : new Error(`no answer within ${limit / 1000} s`));
    if (over.aborted) stop();
    else over.addEventListener("abort", stop, { once: true });
  });
  return Promise.race([answer, end]);
}

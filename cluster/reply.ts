/** What a question came to; `problem` says why there is no answer. */
export type Reply<T> = { readonly value: T } | { readonly problem: string };

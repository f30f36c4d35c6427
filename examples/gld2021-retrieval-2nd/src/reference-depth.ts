/** References of each query, and of each of these, that votes look at: `kr_rerank_fast` of the original. */
export const referenceDepth = 30;

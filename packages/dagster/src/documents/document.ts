import type { z } from "zod";

/**
 * One GraphQL document: its text, and the shape of `data` in its answer. All documents are in this folder, and a test
 * holds each of them against Dagster's schema.
 */
export interface GraphqlDocument<Variables extends object, Data> {
  /** The operation's name: a label for metrics. */
  readonly name: string;
  readonly text: string;
  readonly data: z.ZodType<Data>;
  /** Only its type is of interest. */
  readonly variables?: Variables;
}

/** Types a document. `Variables` cannot be told from its text, hence the second call. */
export const defineDocument =
  <Variables extends object = Record<string, never>>() =>
  <Data>(name: string, text: string, data: z.ZodType<Data>): GraphqlDocument<Variables, Data> => ({
    name,
    text,
    data,
  });

/** Whether it changes something: such a document is never sent twice. */
export const isMutation = ({ text }: { readonly text: string }): boolean => text.trimStart().startsWith("mutation");

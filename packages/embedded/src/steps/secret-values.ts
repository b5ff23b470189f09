import type { Connection } from "@airfleet/model";

/** Shorter texts stand everywhere: replacing them would make messages unreadable and hide nothing. */
const SHORTEST = 4;

const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
};

/** Secrets of the connections that a step has used, and texts without them. */
export interface SecretValues {
  /** From now on nothing of this connection that is secret gets through. */
  add(connection: Connection): void;
  /** The text with stars for what is secret. */
  hide(text: string): string;
}

export const createSecretValues = (): SecretValues => {
  let values: readonly string[] = [];
  return {
    add({ password, extra }) {
      const found = textsOf([password, extra]).filter((text) => text.length >= SHORTEST);
      // The longest first: one secret may hold another.
      values = [...new Set([...values, ...found])].toSorted((left, right) => right.length - left.length);
    },
    hide: (text) => values.reduce((hidden, value) => hidden.replaceAll(value, "***"), text),
  };
};

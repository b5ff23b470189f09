/** A JSON object of somebody else's keys. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The text of a JSON column. */
export const fromJson = (text: string): unknown => JSON.parse(text);

/** A column that holds an object. Written by ourselves, so its shape is taken for granted. */
export const objectFromJson = (text: string): JsonObject => JSON.parse(text) as JsonObject;

/** The same for a column that may be null. */
export const objectFromJsonOrNull = (text: string | null): JsonObject | null =>
  text === null ? null : objectFromJson(text);

/** A column that holds a list of texts. */
export const textsFromJson = (text: string): readonly string[] => JSON.parse(text) as string[];

/** A value for a nullable JSON column. */
export const toJsonOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);

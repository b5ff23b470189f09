import { AirfleetError } from "@airfleet/model";

/** A resource's version as a strong ETag. */
export const toETag = (version: number): string => `"${version}"`;

/**
 * The version that `If-Match` names.
 *
 * @param resource What is changed, for the message.
 * @throws {AirfleetError} VERSION_MISSING without the header, VERSION_CONFLICT for a tag that was never ours
 */
export const readIfMatch = (header: string | undefined, resource: string, current: number): number => {
  if (header === undefined || header.trim() === "") throw new AirfleetError("VERSION_MISSING", { resource });
  if (header.trim() === "*") return current;
  const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (version === undefined) throw new AirfleetError("VERSION_CONFLICT", { resource, given: header, current });
  return Number(version);
};

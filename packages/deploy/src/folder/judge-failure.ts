import { AirfleetError, isAirfleetError } from "@airfleet/model";

/** What a person must mend, in words; everything else may pass by itself. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "we may not write there",
  EPERM: "we may not write there",
  EROFS: "it is read-only",
  ENOSPC: "no space is left",
  EDQUOT: "the quota is used up",
  EFBIG: "a file would be larger than is allowed",
  ENOTDIR: "a part of the path is no folder",
  ELOOP: "a part of the path is a link, and links are not followed",
  ENAMETOOLONG: "a name is too long",
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** What a failed call of the file system means for a deployment. */
export const toFolderError = (error: unknown, target: string): AirfleetError => {
  if (isAirfleetError(error)) return error;
  const code = codeOf(error);
  const reason = REASONS[code];
  if (reason !== undefined) return new AirfleetError("DEPLOY_TARGET_REFUSED", { target, reason }, { cause: error });
  return new AirfleetError(
    "DEPLOY_TARGET_UNREACHABLE",
    { target, reason: code === "ENOENT" ? "the folder is not there (is it mounted?)" : code || String(error) },
    { cause: error },
  );
};

export const isMissing = (error: unknown): boolean => codeOf(error) === "ENOENT";
export const isThere = (error: unknown): boolean => codeOf(error) === "EEXIST";

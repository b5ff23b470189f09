import { AirfleetError } from "@airfleet/model";
import { MANIFEST } from "./manifest.ts";

const SEGMENT = /^[A-Za-z0-9_.-]{1,255}$/;

/** @throws {AirfleetError} DEPLOY_PATH_INVALID for what leads out of our folder, or stands for our own books */
export const checkPath = (path: string): void => {
  const isFine = path
    .split("/")
    .every((name) => SEGMENT.test(name) && name !== "." && name !== ".." && !name.startsWith(".airfleet"));
  if (!isFine || path === MANIFEST) throw new AirfleetError("DEPLOY_PATH_INVALID", { path });
};

/**
 * What must be there before others: folders of modules and ignore files before the files of DAGs, which an engine may
 * read at any moment.
 */
export const isSupport = (path: string): boolean => path.includes("/") || path.startsWith(".");

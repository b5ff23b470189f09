import path from "node:path";
import type { InstanceConfig } from "@airfleet/model";
import { checkDocument, valueAt } from "./check-document.ts";
import type { FileOutcome } from "./clients-file.ts";
import { anchorPaths, checkInstances, trimSlashes } from "./configured-instance.ts";
import { parseSource, type SourceDocument } from "./document.ts";
import type { ReadFile } from "./read-file.ts";
import { ConfigurationFile } from "./settings.ts";

/** What `airfleet.yaml` gave. */
export interface AirfleetFileOutcome extends FileOutcome {
  /** The file's own words about this process, unchecked defaults left out. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly document: SourceDocument | undefined;
}

const hasInlineSecret = ({ auth, headers }: InstanceConfig): boolean => {
  const credentials = Object.entries(auth).filter(([name]) =>
    ["password", "token", "secret_access_key"].includes(name),
  );
  return [...credentials.map(([, value]) => value), ...Object.values(headers)].some(
    (value) => typeof value === "string",
  );
};

/** `{file}` and data_dir in the file are meant from the file's own directory. */
const anchorSettings = (value: unknown, directory: string): Readonly<Record<string, unknown>> => {
  const settings = structuredClone((value ?? {}) as Record<string, unknown>);
  delete settings.instances;
  const { store, alerts } = settings;
  const mailSecret = valueAt(alerts, ["smtp", "password", "file"]);
  if (typeof mailSecret === "string") {
    (valueAt(alerts, ["smtp"]) as Record<string, unknown>)["password"] = { file: path.resolve(directory, mailSecret) };
  }
  if (typeof store === "object" && store !== null) {
    const { data_dir, url } = store as Readonly<Record<string, unknown>>;
    const reference = valueAt(url, ["file"]);
    settings.store = {
      ...store,
      ...(typeof data_dir === "string" ? { data_dir: path.resolve(directory, data_dir) } : {}),
      ...(typeof reference === "string" ? { url: { file: path.resolve(directory, reference) } } : {}),
    };
  }
  return settings;
};

/** Reads `airfleet.yaml`; all that is wrong with it comes back at once. */
export const readAirfleetFile = (file: ReadFile): AirfleetFileOutcome => {
  const document = parseSource(file.name, file.text.replace(/^\uFEFF/, ""), "yaml");
  const checked = checkDocument(document, ConfigurationFile);
  const nothing = { instances: [], warnings: [], settings: {}, document: undefined };
  if (checked.value === undefined) return { ...nothing, findings: checked.findings };
  const { instances, store } = checked.value;
  const across = checkInstances(
    instances.map((config, index) => ({
      ...config,
      idPlace: document.locate(["instances", index, "id"]),
      urlPlace: document.locate(["instances", index, "url"]),
    })),
    { id: "id", url: "url" },
  );
  const hasBoth = store.url !== undefined && valueAt(document.value, ["store", "data_dir"]) !== undefined;
  const both = {
    pointer: document.locateKey(["store", "url"]),
    message: '"url" and "data_dir" exclude each other: keep one',
  };
  const findings = [...across, ...(hasBoth ? [both] : [])];
  if (findings.length > 0) return { ...nothing, findings };
  const isExposed = file.isOpen && (instances.some(hasInlineSecret) || typeof store.url === "string");
  const directory = path.dirname(file.path);
  return {
    instances: instances.map((config, index) => ({
      config: anchorPaths({ ...config, url: trimSlashes(config.url) }, directory),
      source: file.name,
      place: document.locate(["instances", index]),
    })),
    findings: [],
    warnings: isExposed
      ? [`${file.name} holds credentials and every user of this machine may read it: chmod 600 ${file.name}`]
      : [],
    settings: anchorSettings(document.value, directory),
    document,
  };
};

import { type NodeType, suggestOrList } from "@airfleet/model";
import { branch } from "./control/branch.ts";
import { csvExtractor } from "./extractors/csv.ts";
import { mysqlExtractor, postgresExtractor } from "./extractors/database.ts";
import { excelExtractor } from "./extractors/excel.ts";
import { jsonExtractor } from "./extractors/json.ts";
import { parquetExtractor } from "./extractors/parquet.ts";
import { restApiExtractor } from "./extractors/rest-api.ts";
import { s3Extractor } from "./extractors/s3.ts";
import { csvLoader } from "./loaders/csv.ts";
import { mysqlLoader, postgresLoader } from "./loaders/database.ts";
import { excelLoader, jsonLoader, parquetLoader } from "./loaders/files.ts";
import { s3Loader } from "./loaders/s3.ts";
import type { ModuleDefinition } from "./module-definition.ts";
import { aggregate } from "./transformers/aggregate.ts";
import { clean } from "./transformers/clean.ts";
import { deduplicate } from "./transformers/deduplicate.ts";
import { fillMissing } from "./transformers/fill-missing.ts";
import { filter } from "./transformers/filter.ts";
import { join } from "./transformers/join.ts";
import { lookup } from "./transformers/lookup.ts";
import { map } from "./transformers/map.ts";
import { pivot } from "./transformers/pivot.ts";
import { pythonCode } from "./transformers/python-code.ts";
import { removeNulls } from "./transformers/remove-nulls.ts";
import { renameColumns } from "./transformers/rename-columns.ts";
import { sort } from "./transformers/sort.ts";
import { splitByCondition } from "./transformers/split-by-condition.ts";
import { split } from "./transformers/split.ts";
import { sqlTransform } from "./transformers/sql-transform.ts";
import { union } from "./transformers/union.ts";
import { unpivot } from "./transformers/unpivot.ts";
import { validate } from "./transformers/validate.ts";

/** The modules that come with the product. */
const BUILT_IN: readonly ModuleDefinition[] = [
  csvExtractor,
  excelExtractor,
  jsonExtractor,
  parquetExtractor,
  postgresExtractor,
  mysqlExtractor,
  restApiExtractor,
  s3Extractor,
  filter,
  deduplicate,
  removeNulls,
  fillMissing,
  validate,
  clean,
  map,
  aggregate,
  sort,
  pivot,
  unpivot,
  renameColumns,
  join,
  lookup,
  union,
  split,
  splitByCondition,
  sqlTransform,
  pythonCode,
  csvLoader,
  excelLoader,
  jsonLoader,
  parquetLoader,
  postgresLoader,
  mysqlLoader,
  s3Loader,
  branch,
];

/** Names under which older clients know modules. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "python-transformer": "python-code",
  "sql-transformer": "sql-transform",
  "clean-transformer": "clean",
  "clean-text": "clean",
};

/** The modules that a pipeline may use. */
export interface ModuleCatalogue {
  readonly modules: readonly ModuleDefinition[];
  /**
   * The module that a node means. Editors append the time to a name, and older ones leave out the type: both are read.
   */
  find(moduleId: string, type: NodeType): ModuleDefinition | undefined;
  /** A sentence naming the module that was probably meant. */
  suggest(moduleId: string): string;
}

/**
 * @param own Modules that a team brings along; one with the name of a built-in takes its place.
 */
export const createModuleCatalogue = (own: readonly ModuleDefinition[] = []): ModuleCatalogue => {
  const byName = new Map([...BUILT_IN, ...own].map((module) => [module.name, module]));
  return {
    modules: [...byName.values()],
    suggest: (moduleId) => suggestOrList(moduleId, [...byName.keys()]),
    find(moduleId, type) {
      const name = moduleId.replace(/-\d{6,}$/, "");
      const known = OTHER_NAMES[name] ?? name;
      return byName.get(known) ?? byName.get(`${known}-${type}`);
    },
  };
};

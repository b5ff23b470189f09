import { AirfleetApiError } from "@airfleet/sdk";

/**
 * On what terms a definition is put: over the version that is there now, or as a new one.
 *
 * @param read Reads the definition that is to be replaced.
 */
export const putTerms = async (
  read: () => Promise<{ readonly version: number }>,
): Promise<{ readonly ifMatch?: number }> => {
  try {
    return { ifMatch: (await read()).version };
  } catch (error) {
    if (error instanceof AirfleetApiError && error.code === "DOCUMENT_UNKNOWN") return {};
    throw error;
  }
};

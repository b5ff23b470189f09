import { z } from "zod";
import { defineDocument } from "./document.ts";
import { PYTHON_ERROR, unionFields } from "./parts.ts";

const answer = z.object(unionFields);
const NOT_ALLOWED = "... on UnauthorizedError { message }";

export const startScheduleDocument = defineDocument<{
  readonly schedule: {
    readonly scheduleName: string;
    readonly repositoryName: string;
    readonly repositoryLocationName: string;
  };
}>()(
  "StartSchedule",
  `mutation StartSchedule($schedule: ScheduleSelector!) { startSchedule(scheduleSelector: $schedule) { __typename
    ... on ScheduleNotFoundError { message } ${NOT_ALLOWED} ${PYTHON_ERROR} } }`,
  z.object({ startSchedule: answer }),
);

export const stopScheduleDocument = defineDocument<{ readonly id: string }>()(
  "StopSchedule",
  `mutation StopSchedule($id: String!) { stopRunningSchedule(id: $id) { __typename ... on ScheduleNotFoundError { message }
    ${NOT_ALLOWED} ${PYTHON_ERROR} } }`,
  z.object({ stopRunningSchedule: answer }),
);

export const startSensorDocument = defineDocument<{
  readonly sensor: {
    readonly sensorName: string;
    readonly repositoryName: string;
    readonly repositoryLocationName: string;
  };
}>()(
  "StartSensor",
  `mutation StartSensor($sensor: SensorSelector!) { startSensor(sensorSelector: $sensor) { __typename
    ... on SensorNotFoundError { message } ${NOT_ALLOWED} ${PYTHON_ERROR} } }`,
  z.object({ startSensor: answer }),
);

export const stopSensorDocument = defineDocument<{ readonly id: string }>()(
  "StopSensor",
  `mutation StopSensor($id: String!) { stopSensor(id: $id) { __typename ${NOT_ALLOWED} ${PYTHON_ERROR} } }`,
  z.object({ stopSensor: answer }),
);

/** Pools with their limits. */
export const poolsDocument = defineDocument()(
  "Pools",
  "query Pools { instance { id concurrencyLimits { concurrencyKey limit slotCount usingDefaultLimit } } }",
  z.object({
    instance: z.object({
      concurrencyLimits: z.array(
        z.object({
          concurrencyKey: z.string(),
          limit: z.number().nullish(),
          slotCount: z.number(),
          usingDefaultLimit: z.boolean().nullish(),
        }),
      ),
    }),
  }),
);

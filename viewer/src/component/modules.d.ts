/** Types for the parts of the component that are imported by file, where it ships none beside the code. */

declare module "@asyncapi/react-component/lib/esm/containers/AsyncApi/Standalone" {
  import type { AsyncApiProps } from "@asyncapi/react-component/lib/types/containers/AsyncApi/Standalone";
  import type { ComponentType } from "react";
  const AsyncApi: ComponentType<AsyncApiProps>;
  export default AsyncApi;
}

declare module "@asyncapi/react-component/lib/esm/helpers/marked" {
  export function renderMarkdown(text: string): string;
  export const hljs: { highlight(code: string, options: { language: string }): { value: string } };
}

declare module "@asyncapi/react-component/lib/esm/types" {
  import type { PluginSlot as Slot } from "@asyncapi/react-component/lib/types/types";
  export const PluginSlot: { readonly OPERATION: Slot.OPERATION; readonly INFO: Slot.INFO };
}

declare module "openapi-sampler/src/openapi-sampler.js" {
  export function sample(schema: object, options?: Record<string, unknown>): unknown;
}

import { type MethodDefinition, type ServiceDefinition, status, type UntypedHandleCall } from '@grpc/grpc-js';
import { parse } from 'protobufjs';

/**
 * The part of Terraform's plugin protocol, version 6, that its core uses. Names and numbers are those of the published
 * protocol (docs/plugin-protocol/tfplugin6.proto in Terraform's sources).
 */
const PROTO = `
syntax = "proto3";
package tfplugin6;

message DynamicValue { bytes msgpack = 1; bytes json = 2; }
message Diagnostic { int32 severity = 1; string summary = 2; string detail = 3; AttributePath attribute = 4; }
message AttributePath {
  message Step { oneof selector { string attribute_name = 1; string element_key_string = 2; int64 element_key_int = 3; } }
  repeated Step steps = 1;
}
message RawState { bytes json = 1; map<string, string> flatmap = 2; }
message ServerCapabilities { bool plan_destroy = 1; bool get_provider_schema_optional = 2; bool move_resource_state = 3; }

message Schema {
  int64 version = 1;
  Block block = 2;
  message Block { int64 version = 1; repeated Attribute attributes = 2; repeated NestedBlock block_types = 3; }
  message Attribute {
    string name = 1; bytes type = 2; string description = 3; bool required = 4; bool optional = 5; bool computed = 6;
    bool sensitive = 7; int32 description_kind = 8; bool deprecated = 9; Object nested_type = 10; bool write_only = 11;
  }
  message NestedBlock { string type_name = 1; Block block = 2; int32 nesting = 3; int64 min_items = 4; int64 max_items = 5; }
  message Object { repeated Attribute attributes = 1; int32 nesting = 3; }
}

message Empty {}
message GetProviderSchemaResponse {
  Schema provider = 1; map<string, Schema> resource_schemas = 2; map<string, Schema> data_source_schemas = 3;
  repeated Diagnostic diagnostics = 4; Schema provider_meta = 5; ServerCapabilities server_capabilities = 6;
}
message ValidateProviderConfigRequest { DynamicValue config = 1; }
message ValidateProviderConfigResponse { repeated Diagnostic diagnostics = 2; }
message ValidateConfigRequest { string type_name = 1; DynamicValue config = 2; }
message ValidateConfigResponse { repeated Diagnostic diagnostics = 1; }
message ConfigureProviderRequest { string terraform_version = 1; DynamicValue config = 2; }
message ConfigureProviderResponse { repeated Diagnostic diagnostics = 1; }
message UpgradeResourceStateRequest { string type_name = 1; int64 version = 2; RawState raw_state = 3; }
message UpgradeResourceStateResponse { DynamicValue upgraded_state = 1; repeated Diagnostic diagnostics = 2; }
message ReadResourceRequest { string type_name = 1; DynamicValue current_state = 2; bytes private = 3; }
message ReadResourceResponse { DynamicValue new_state = 1; repeated Diagnostic diagnostics = 2; bytes private = 3; }
message PlanResourceChangeRequest {
  string type_name = 1; DynamicValue prior_state = 2; DynamicValue proposed_new_state = 3; DynamicValue config = 4;
  bytes prior_private = 5;
}
message PlanResourceChangeResponse {
  DynamicValue planned_state = 1; repeated AttributePath requires_replace = 2; bytes planned_private = 3;
  repeated Diagnostic diagnostics = 4; bool legacy_type_system = 5;
}
message ApplyResourceChangeRequest {
  string type_name = 1; DynamicValue prior_state = 2; DynamicValue planned_state = 3; DynamicValue config = 4;
  bytes planned_private = 5;
}
message ApplyResourceChangeResponse {
  DynamicValue new_state = 1; bytes private = 2; repeated Diagnostic diagnostics = 3; bool legacy_type_system = 4;
}
message ImportResourceStateRequest { string type_name = 1; string id = 2; }
message ImportResourceStateResponse {
  message ImportedResource { string type_name = 1; DynamicValue state = 2; bytes private = 3; }
  repeated ImportedResource imported_resources = 1; repeated Diagnostic diagnostics = 2;
}
message ReadDataSourceRequest { string type_name = 1; DynamicValue config = 2; }
message ReadDataSourceResponse { DynamicValue state = 1; repeated Diagnostic diagnostics = 2; }
message StopProviderResponse { string Error = 1; }

service Provider {
  rpc GetProviderSchema(Empty) returns (GetProviderSchemaResponse);
  rpc ValidateProviderConfig(ValidateProviderConfigRequest) returns (ValidateProviderConfigResponse);
  rpc ValidateResourceConfig(ValidateConfigRequest) returns (ValidateConfigResponse);
  rpc ValidateDataResourceConfig(ValidateConfigRequest) returns (ValidateConfigResponse);
  rpc ConfigureProvider(ConfigureProviderRequest) returns (ConfigureProviderResponse);
  rpc UpgradeResourceState(UpgradeResourceStateRequest) returns (UpgradeResourceStateResponse);
  rpc ReadResource(ReadResourceRequest) returns (ReadResourceResponse);
  rpc PlanResourceChange(PlanResourceChangeRequest) returns (PlanResourceChangeResponse);
  rpc ApplyResourceChange(ApplyResourceChangeRequest) returns (ApplyResourceChangeResponse);
  rpc ImportResourceState(ImportResourceStateRequest) returns (ImportResourceStateResponse);
  rpc ReadDataSource(ReadDataSourceRequest) returns (ReadDataSourceResponse);
  rpc StopProvider(Empty) returns (StopProviderResponse);
}
`;

/** A value on the wire. We always answer in msgpack. */
export interface DynamicValue {
  msgpack: Uint8Array;
}

/** One step into a value: an attribute, a map's key, or a list's index. */
export type Step = { attribute_name: string } | { element_key_string: string } | { element_key_int: number };

/** An error (severity 1) or a warning (severity 2), with the argument that it is about. */
export interface Diagnostic {
  severity: 1 | 2;
  summary: string;
  detail: string;
  attribute?: { steps: Step[] };
}

/** What one call of the protocol carries; every call uses some of it. */
export interface Request {
  type_name: string;
  id: string;
  config: DynamicValue;
  prior_state: DynamicValue;
  proposed_new_state: DynamicValue;
  planned_state: DynamicValue;
  current_state: DynamicValue;
  raw_state: { json: Uint8Array };
  private: Uint8Array;
  prior_private: Uint8Array;
  planned_private: Uint8Array;
}

/** The calls of the protocol by name. */
export type Handlers = Readonly<Record<string, (request: Request) => Promise<object>>>;

const service = parse(PROTO, { keepCase: true })
  .root.lookupService('tfplugin6.Provider')
  .resolveAll() as import('protobufjs').Service;

/** The service as the gRPC server takes it. */
export const providerService: ServiceDefinition = Object.fromEntries(
  service.methodsArray.map((method): [string, MethodDefinition<object, object>] => {
    const { resolvedRequestType: request, resolvedResponseType: response } = method;
    if (!request || !response) throw new Error(`the protocol text does not define the messages of ${method.name}`);
    return [
      method.name,
      {
        path: `/tfplugin6.Provider/${method.name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: (message) => Buffer.from(request.encode(message).finish()),
        requestDeserialize: (bytes) => request.toObject(request.decode(bytes), { defaults: true }),
        responseSerialize: (message) => Buffer.from(response.encode(response.fromObject(message)).finish()),
        responseDeserialize: (bytes) => response.toObject(response.decode(bytes)),
      },
    ];
  }),
);

/** Wraps handlers for the gRPC server. A handler that throws fails its call with the message. */
export function implementation(handlers: Handlers): Record<string, UntypedHandleCall> {
  const calls = Object.entries(handlers).map(([name, handle]): [string, UntypedHandleCall] => [
    name,
    (call: { request: unknown }, answer: (error: object | null, value?: object) => void) => {
      handle(call.request as Request).then(
        (value) => answer(null, value),
        (error: Error) => answer({ code: status.INTERNAL, details: error.message }),
      );
    },
  ]);
  return Object.fromEntries(calls);
}

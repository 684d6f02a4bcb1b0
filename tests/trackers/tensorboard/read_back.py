"""Reads event files with TensorBoard's own reader, and groups the runs as its hparams tab does. Prints JSON.

Needs tensorboard. Usage: python read_back.py LOGDIR
"""
import json
import logging
import os
import sys

logging.disable(logging.WARNING)
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups
from tensorboard.plugins import base_plugin

multiplexer = plugin_event_multiplexer.EventMultiplexer(
    size_guidance={"tensors": 0}, tensor_size_guidance={"scalars": 0, "text": 0}
)
multiplexer.AddRunsFromDirectory(sys.argv[1])
multiplexer.Reload()

runs = {}
for run in sorted(multiplexer.Runs()):
    summary_metadata = multiplexer.AllSummaryMetadata()[run]
    scalars, texts = {}, {}
    for tag, metadata in summary_metadata.items():
        plugin = metadata.plugin_data.plugin_name
        events = multiplexer.Tensors(run, tag) if plugin in ("scalars", "text") else []
        if plugin == "scalars":
            scalars[tag] = [[e.step, repr(float(e.tensor_proto.float_val[0])), e.wall_time] for e in events]
        if plugin == "text":
            texts[tag] = [[e.step, e.tensor_proto.string_val[0].decode()] for e in events]
    runs[run] = {"scalars": scalars, "texts": texts}

provider = data_provider.MultiplexerDataProvider(multiplexer, sys.argv[1])
context = backend_context.Context(base_plugin.TBContext(data_provider=provider, multiplexer=multiplexer))
request = api_pb2.ListSessionGroupsRequest(
    allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE, api_pb2.STATUS_RUNNING],
    aggregation_type=api_pb2.AGGREGATION_AVG,
    start_index=0,
    slice_size=1000,
)
request_context = RequestContext()
response = list_session_groups.Handler(
    request_context, context, experiment_id="", request=request
).run()
groups = {
    group.name: {
        "sessions": sorted(session.name for session in group.sessions),
        "status": sorted({api_pb2.Status.Name(session.status) for session in group.sessions}),
        "hparams": sorted(group.hparams),
        "metrics": {
            f"{value.name.group}|{value.name.tag}": [value.value, value.training_step]
            for value in group.metric_values
        },
    }
    for group in response.session_groups
}
print(json.dumps({"runs": runs, "groups": groups}))

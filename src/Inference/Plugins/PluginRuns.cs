using System.Text.Json;
using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Plugins.ServerTools;
using Fairlead.Inference.Relay;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins;

/// <summary>The plugins at work on one request, in the order they act. One shared instance stands for none.</summary>
internal sealed class PluginRuns : IAnswerAmender
{
    private readonly IReadOnlyList<PluginRun> runs;

    public PluginRuns(IReadOnlyList<PluginRun> runs)
    {
        this.runs = runs;
        foreach (var run in runs)
        {
            ActBefore |= run.ActsBefore;
            ActPerEndpoint |= run.ActsPerEndpoint;
            ActOnAnswer |= run.ActsOnAnswer;
            TakeFiles |= run.TakesFiles;
            WorstFee += run.WorstFee;
            Loop ??= run as ServerToolRun;
            Fit = run.Fit > Fit ? run.Fit : Fit;
        }
    }

    /// <summary>No plugin.</summary>
    public static PluginRuns None { get; } = new([]);

    public bool Any => runs.Count > 0;

    /// <summary>One of them has a step before the first endpoint is asked.</summary>
    public bool ActBefore { get; }

    /// <summary>The tools the gateway runs for this request; null where there are none.</summary>
    public ServerToolRun? Loop { get; }

    /// <summary>One of them has a step for each endpoint.</summary>
    public bool ActPerEndpoint { get; }

    /// <summary>One of them may change or annotate the answer.</summary>
    public bool ActOnAnswer { get; }

    /// <summary>One of them reads files for models that take none.</summary>
    public bool TakeFiles { get; }

    /// <summary>How the length of the prompt counts when endpoints are chosen.</summary>
    public PromptFit Fit { get; }

    /// <summary>The most they will charge together.</summary>
    public Credits WorstFee { get; }

    /// <summary>These, where they act on the answer; null otherwise.</summary>
    public IAnswerAmender? Amender => ActOnAnswer ? this : null;

    /// <summary>What they did that costs.</summary>
    public IReadOnlyList<PluginFee> Fees => Any ? [.. runs.Select(static run => run.Fee).OfType<PluginFee>()] : [];

    /// <summary>Milliseconds that judging the input took; null where it was not judged.</summary>
    public int? ModerationMs => Any && runs.Select(static run => run.ModerationTook).FirstOrDefault(static took => took is not null) is { } took ? (int)took.TotalMilliseconds : null;

    /// <summary>Their steps before the first endpoint is asked, one after the other.</summary>
    public async ValueTask<Outcome<CanonicalRequest>> BeforeAsync(PluginCall call, CanonicalRequest request)
    {
        foreach (var run in runs)
        {
            if (!run.ActsBefore)
                continue;
            if (!(await run.BeforeAsync(call, request)).Try(out var changed, out var error))
                return error;
            request = changed;
        }

        return request;
    }

    /// <summary>Their steps for one endpoint.</summary>
    public async ValueTask<EndpointShape> ForEndpointAsync(PluginCall call, CanonicalRequest request, RouteCandidate candidate)
    {
        foreach (var run in runs)
        {
            if (!run.ActsPerEndpoint)
                continue;
            var shape = await run.ForEndpointAsync(call, request, candidate);
            if (shape.Request is null)
                return shape;
            request = shape.Request;
        }

        return new EndpointShape(request, null);
    }

    public string Rewrite(string text, FinishReason finish)
    {
        foreach (var run in runs)
            text = run.Rewrite(text, finish);
        return text;
    }

    public IReadOnlyList<AnswerEvent> Annotate(string text) => [.. runs.SelectMany(run => run.Annotate(text))];

    /// <summary>The error where nobody answered, with what the caller may keep of their work.</summary>
    public GatewayError WhenUnanswered(GatewayError error) => runs.Aggregate(error, static (current, run) => run.WhenUnanswered(current));

    /// <summary>Writes <c>pipeline</c> of the router metadata, where something was changed: by the router, by a plugin, of a schema.</summary>
    public void WritePipeline(Utf8JsonWriter json, Routed? router, SchemaReview? schemas)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var any = router is not null;
        if (router is not null)
        {
            json.WriteStartArray("pipeline"u8);
            router.WriteStage(json);
        }

        foreach (var run in runs)
        {
            output.ResetWrittenCount();
            using var stage = new Utf8JsonWriter(output);
            stage.WriteStartObject();
            if (!run.WriteStage(stage))
                continue;
            stage.WriteEndObject();
            stage.Flush();
            if (!any)
                json.WriteStartArray("pipeline"u8);
            any = true;
            json.WriteRawValue(output.WrittenSpan);
        }

        if (schemas is { IsTold: true })
        {
            if (!any)
                json.WriteStartArray("pipeline"u8);
            any = true;
            schemas.WriteStage(json);
        }

        if (any)
            json.WriteEndArray();
    }
}

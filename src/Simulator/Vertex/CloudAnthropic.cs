using System.Text.Json;
using Fairlead.Simulator.Amazon;
using Fairlead.Simulator.Anthropic;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Vertex;

/// <summary>
/// Claude on Bedrock (InvokeModel) and on Vertex: Anthropic's format with the model in the path, the version in the body, each cloud's keys and errors, and on Bedrock
/// its framing.
/// </summary>
internal sealed class CloudAnthropic(AnthropicMessages anthropic) : ISimulatedDialect
{
    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options)
    {
        if (CloudTarget.Parse(request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget)!.IsBedrock)
        {
            return AwsKeys.Check(request, options);
        }

        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && !Simulation.IsBadKey(header[7..].Trim()) || !options.RequireKey ? null : VertexErrors.Unauthenticated();
    }

    public string? ModelName(string target, JsonElement body) => CloudTarget.Parse(target)?.Model;

    public BodyReply UnreadableBody() => AnthropicErrors.Invalid("The request body is not valid JSON");

    public BodyReply BadFault(string message) => AnthropicErrors.Invalid(message);

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) =>
        CloudTarget.Parse(call.Target)!.IsBedrock ? BedrockErrors.Failure(status, faults) : anthropic.Failure(status, faults, call);

    public Reply Answer(Incoming call)
    {
        var target = CloudTarget.Parse(call.Target)!;
        var version = target.IsBedrock ? "bedrock-2023-05-31" : "vertex-2023-10-16";
        if (call.Body.Str("anthropic_version") != version)
        {
            return AsCloud(target, AnthropicErrors.Invalid($"anthropic_version: must be \"{version}\""));
        }

        if (call.Body.Get("model").Given() || (target.IsBedrock && call.Body.Get("stream").Given()))
        {
            return AsCloud(target, AnthropicErrors.Invalid("model: Extra inputs are not permitted"));
        }

        if (!target.IsBedrock && target.Stream != call.Body.True("stream"))
        {
            return AsCloud(target, AnthropicErrors.Invalid("stream: must fit the method that is called"));
        }

        return AsCloud(target, anthropic.Serve(call with { Body = AsDirect(call, target.Stream) }));
    }

    private static JsonElement AsDirect(Incoming call, bool stream)
    {
        var bytes = JsonBytes.Object(w =>
        {
            w.WriteString("model", call.Model);
            foreach (var member in call.Body.EnumerateObject().Where(m => m.Name is not ("anthropic_version" or "anthropic_beta" or "stream")))
            {
                member.WriteTo(w);
            }

            w.WriteBoolean("stream", stream);
        });
        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.Clone();
    }

    private static Reply AsCloud(CloudTarget target, Reply reply)
    {
        if (!target.IsBedrock)
        {
            return reply;
        }

        if (reply is StreamReply stream)
        {
            return stream with
            {
                Framing = Framing.AwsEventStream,
                ContentType = "application/vnd.amazon.eventstream",
                Headers = [],
                Events = stream.Events.Select(Chunk),
                Failure = new StreamEvent("!modelStreamErrorException", BedrockErrors.Body("The model ended the stream with an error."), EventKind.Closing),
            };
        }

        var body = (BodyReply)reply;
        if (body.Status == 200)
        {
            return body with { Headers = [] };
        }

        using var error = JsonDocument.Parse(body.Body);
        var message = error.RootElement.Get("error").Str("message") ?? "";
        return body.Status == 404 ? BedrockErrors.Make(404, "ResourceNotFoundException", message) : BedrockErrors.Invalid(message);
    }

    private static StreamEvent Chunk(StreamEvent e) => new(
        "chunk",
        JsonBytes.Object(w =>
        {
            w.WriteString("bytes", Convert.ToBase64String(e.Data));
            w.WriteString("p", "abcdefgh");
        }),
        e.Kind);
}

namespace Fairlead.Simulator.Amazon;

/// <summary>
/// The model and the verb of a cloud's path: <c>…/model/{id}/{converse|converse-stream|invoke|invoke-with-response-stream}</c> (Bedrock) or
/// <c>…/publishers/anthropic/models/{model}:{rawPredict|streamRawPredict}</c> (Vertex). The model may carry its faults, percent-encoded.
/// </summary>
internal sealed record CloudTarget(string Model, string Verb)
{
    public bool IsConverse => Verb is "converse" or "converse-stream";

    public bool IsBedrock => Verb is not ("rawPredict" or "streamRawPredict");

    public bool Stream => Verb is "converse-stream" or "invoke-with-response-stream" or "streamRawPredict";

    public static CloudTarget? Parse(string target)
    {
        const string Bedrock = "/model/";
        const string Vertex = "/publishers/anthropic/models/";
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        if (path.IndexOf(Vertex, StringComparison.Ordinal) is >= 0 and var vertex && path.LastIndexOf(':') is var colon && colon > vertex)
        {
            var verb = path[(colon + 1)..];
            return verb is "rawPredict" or "streamRawPredict" ? new CloudTarget(Uri.UnescapeDataString(path[(vertex + Vertex.Length)..colon]), verb) : null;
        }

        var start = path.IndexOf(Bedrock, StringComparison.Ordinal);
        var slash = path.LastIndexOf('/');
        return start >= 0 && slash > start + Bedrock.Length && path[(slash + 1)..] is "converse" or "converse-stream" or "invoke" or "invoke-with-response-stream"
            ? new CloudTarget(Uri.UnescapeDataString(path[(start + Bedrock.Length)..slash]), path[(slash + 1)..])
            : null;
    }
}

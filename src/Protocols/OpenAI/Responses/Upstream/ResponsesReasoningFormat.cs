using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>Whose reasoning blocks an endpoint makes and takes back (inference §7.3, I-39): each platform encrypts for itself.</summary>
internal static class ResponsesReasoningFormat
{
    /// <summary>The <c>format</c> of the endpoint's blocks.</summary>
    public static string Of(UpstreamTarget target) => target.Provider switch
    {
        _ when target.Host == CloudHost.Azure => "azure-openai-responses-v1",
        "xai" => "xai-responses-v1",
        "meta" => "meta-responses-v1",
        _ => "openai-responses-v1",
    };
}

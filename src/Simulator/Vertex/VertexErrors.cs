using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Vertex;

/// <summary>What Google's front answers before a model sees the request.</summary>
internal static class VertexErrors
{
    public static BodyReply Unauthenticated() => new(401, JsonBytes.Object(w =>
    {
        w.WriteStartObject("error");
        w.WriteNumber("code", 401);
        w.WriteString("message", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.");
        w.WriteString("status", "UNAUTHENTICATED");
        w.WriteEndObject();
    }));
}

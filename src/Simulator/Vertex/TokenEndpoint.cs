using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Vertex;

/// <summary>
/// Google's token endpoint (<c>POST …/token</c>) for service accounts. The form and the claims of the assertion are checked, its signature is not: the simulator knows no
/// keys. An issuer that starts with <c>bad</c> is refused.
/// </summary>
internal static class TokenEndpoint
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private static int _issued;

    public static async Task<BodyReply> AnswerAsync(HttpRequest request, CancellationToken gone)
    {
        if (!request.HasFormContentType)
        {
            return Error("invalid_request", "The request must be a form.");
        }

        var form = await request.ReadFormAsync(gone);
        if (form["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer")
        {
            return Error("unsupported_grant_type", "Invalid grant_type");
        }

        var parts = form["assertion"].ToString().Split('.');
        if (parts.Length != 3 || Decode(parts[0])?.Str("alg") != "RS256" || Decode(parts[1]) is not { } claims || parts[2].Length < 300)
        {
            return Error("invalid_grant", "Invalid JWT: it must be signed with RS256.");
        }

        var issuer = claims.Str("iss") ?? "";
        var lifetime = claims.Number("exp") - claims.Number("iat");
        if (issuer.Length == 0 || issuer.StartsWith("bad", StringComparison.Ordinal) || claims.Str("scope") != Scope || lifetime is null or <= 0 or > 3600
            || claims.Str("aud") is not { } audience || !audience.EndsWith(request.Path, StringComparison.Ordinal))
        {
            return Error("invalid_grant", "Invalid JWT: wrong issuer, scope, audience or lifetime.");
        }

        return new BodyReply(200, JsonBytes.Object(w =>
        {
            w.WriteString("access_token", $"ya29.simulated-{Interlocked.Increment(ref _issued)}");
            w.WriteNumber("expires_in", 3599);
            w.WriteString("token_type", "Bearer");
        }));
    }

    private static JsonElement? Decode(string part)
    {
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static BodyReply Error(string code, string description) => new(400, Encoding.UTF8.GetBytes($$"""{"error":"{{code}}","error_description":"{{description}}"}"""));
}

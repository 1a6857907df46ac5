using System.Diagnostics.CodeAnalysis;
using Fairlead.Accounts.Keys;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Console.Http;

/// <summary>Who calls, from the bearer key alone.</summary>
internal sealed class CallerCheck(KeyIndex keys, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    /// <summary>The caller's key of either kind, or the 401 to answer.</summary>
    public bool TryIdentify(HttpContext http, [NotNullWhen(true)] out ApiKey? key, [NotNullWhen(false)] out IResult? refusal)
    {
        key = null;
        refusal = null;
        string? header = http.Request.Headers.Authorization;
        if (string.IsNullOrEmpty(header))
            refusal = Unauthorized("Missing Authentication header");
        else if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && keys.Find(header.AsSpan(Scheme.Length).Trim()) is { } found
            && found.IsUsable(clock.GetUtcNow()))
            key = found;
        else
            refusal = Unauthorized("User not found.");
        return key is not null;
    }

    /// <summary>The caller's management key, or the 401 or 403 to answer (P4).</summary>
    public bool TryIdentifyManager(HttpContext http, [NotNullWhen(true)] out ApiKey? key, [NotNullWhen(false)] out IResult? refusal)
    {
        if (!TryIdentify(http, out key, out refusal))
            return false;
        if (key.IsProvisioning)
            return true;
        refusal = Answers.Error(new() { Kind = ErrorKind.PermissionDenied, Message = "Only provisioning keys can perform this operation" }, key);
        key = null;
        return false;
    }

    private static IResult Unauthorized(string message) => Answers.Error(new() { Kind = ErrorKind.Authentication, Message = message });
}

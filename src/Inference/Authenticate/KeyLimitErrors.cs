using Fairlead.Ledger.Holds;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Authenticate;

/// <summary>What a key is told that has spent all its limit allows (P27).</summary>
internal static class KeyLimitErrors
{
    public static GatewayError Exceeded(UsageWindow window, string? webOrigin) => new()
    {
        Kind = ErrorKind.PermissionDenied,
        Message = $"Key limit exceeded ({window.ToString().ToLowerInvariant()} limit). Manage it using {webOrigin}/settings/keys",
    };
}

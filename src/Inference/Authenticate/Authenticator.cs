using Fairlead.Accounts.Keys;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Authenticate;

/// <summary>Authenticate: from the headers alone, before the body is read, against the in-memory index of hashed keys.</summary>
internal sealed class Authenticator(KeyIndex keys, CreditLedger ledger, IOptions<InferenceOptions> options)
{
    private const string Scheme = "Bearer ";

    /// <summary>Names the caller, or says why not (P2, P4, P28: unknown or dead key, wrong kind, account in debt).</summary>
    public Outcome<ApiKey> Identify(InferenceContext context)
    {
        string? header = context.Http.Request.Headers.Authorization;
        // The header Anthropic's clients put keys in (I-04).
        if (string.IsNullOrEmpty(header) && context.Dialect.Dialect == ClientDialect.Messages && context.Http.Request.Headers["x-api-key"].ToString() is { Length: > 0 } bare)
            header = Scheme + bare;
        if (string.IsNullOrEmpty(header))
            return new GatewayError { Kind = ErrorKind.Authentication, Message = "Missing Authentication header" };
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || Find(context.Http, header) is not { } key)
            return new GatewayError { Kind = ErrorKind.Authentication, Message = "User not found." };
        if (!key.IsUsable(context.ArrivedAt))
            return new GatewayError { Kind = ErrorKind.Authentication, Message = "User not found." };

        context.Key = key;
        context.UserId = key.AccountPublicId;
        if (key.IsProvisioning)
            return new GatewayError { Kind = ErrorKind.PermissionDenied, Message = "Provisioning keys cannot be used for inference" };
        return ledger.Balance(key.AccountId).Balance.IsNegative
            ? new GatewayError { Kind = ErrorKind.PaymentRequired, Message = $"Insufficient credits. Add more using {options.Value.WebOrigin ?? ""}/credits" }
            : key;
    }

    /// <summary>
    /// The 403 of a key that has spent all its limit allows: before the body is read, whatever it asks for (P28). Null while something is left, also
    /// where requests in flight have set that aside.
    /// </summary>
    public GatewayError? Spent(ApiKey key) => key.SpendingLimit is { } limit && ledger.Usage(key.AccountId, key.Id).RemainingOf(limit) == Credits.Zero
        ? KeyLimitErrors.Exceeded(limit.Window, options.Value.WebOrigin)
        : null;

    private ApiKey? Find(HttpContext http, string header)
    {
        if (http.Features.Get<IConnectionItemsFeature>()?.Items is not { } items)
            return keys.Find(header.AsSpan(Scheme.Length).Trim());
        if (!items.TryGetValue(typeof(KeyMemo), out var kept) || kept is not KeyMemo memo)
            items[typeof(KeyMemo)] = memo = new KeyMemo();
        return keys.Find(header, Scheme.Length, memo);
    }
}

using System.Globalization;
using Fairlead.Accounts.Limits;
using Fairlead.Catalog.Configuration;
using Fairlead.Ledger;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Admit;

/// <summary>The 429 of a limit of this gateway: which limit, what is left, when to come again (platform §11.4, inference §13.3).</summary>
internal static class RateErrors
{
    // Nobody knows when a request in flight ends.
    private static readonly TimeSpan ForAnother = TimeSpan.FromSeconds(1);

    /// <summary>A limit of a key or an account.</summary>
    public static GatewayError Of(RateRefusal refusal, DateTimeOffset now)
    {
        var source = Name(refusal);
        var (what, hint) = Texts(refusal);
        return Error(refusal, source, $"Rate limit exceeded: {source}. {what} {hint}", hint, now);
    }

    /// <summary>A limit of free models, in the words clients know.</summary>
    public static GatewayError OfFreeModels(RateRefusal refusal, FreeModelLimits limits, Credits purchased, DateTimeOffset now)
    {
        if (refusal.Dimension is not RateDimension.DailyRequests)
            return Error(refusal, "free-models-per-min", "Rate limit exceeded: free-models-per-min.", "Try again later, or use a model that is not free.", now);
        const string Source = "free-models-per-day";
        if (limits.IsUnlocked(purchased) || limits.PerDayPurchased <= limits.PerDay)
            return Error(refusal, Source, $"Rate limit exceeded: {Source}.", "The day ends at 00:00 UTC; models that are not free have no such limit.", now);
        var more = limits.PerDayPurchased is { } most ? most.ToString(CultureInfo.InvariantCulture) : "any number of";
        var unlock = string.Create(CultureInfo.InvariantCulture, $"Add {limits.PurchaseUsd:0.############} credits to unlock {more} free model requests per day");
        return Error(refusal, Source, $"Rate limit exceeded: {Source}. {unlock}", unlock, now);
    }

    private static GatewayError Error(RateRefusal refusal, string source, string message, string hint, DateTimeOffset now)
    {
        var wait = refusal.Wait ?? (refusal.Dimension is RateDimension.Concurrency ? ForAnother : (TimeSpan?)null);
        return new GatewayError
        {
            Kind = ErrorKind.RateLimitExceeded,
            Message = message,
            // Rounded up: whoever waits as long as it says gets in.
            RetryAfterSeconds = wait is { } time ? Math.Max(1, (int)Math.Ceiling(time.TotalSeconds)) : null,
            RateLimit = new(source, refusal.Limit, refusal.Remaining, now + (wait ?? TimeSpan.Zero), hint),
        };
    }

    private static string Name(RateRefusal refusal) => refusal.Scope.ToString().ToLowerInvariant() + refusal.Dimension switch
    {
        RateDimension.Requests => "-requests-per-min",
        RateDimension.Tokens => "-tokens-per-min",
        _ => "-concurrent-requests",
    };

    private static (string What, string Hint) Texts(RateRefusal refusal)
    {
        var who = refusal.Scope is RateScope.Key ? "This key may" : "All keys of this account together may";
        var limit = refusal.Limit.ToString(CultureInfo.InvariantCulture);
        var asked = refusal.Asked.ToString(CultureInfo.InvariantCulture);
        return refusal.Dimension switch
        {
            RateDimension.Requests => ($"{who} make {limit} requests in any 60 seconds.", "Try again later."),
            RateDimension.Concurrency => ($"{who} have {limit} requests open at once.", "Try again when one has ended."),
            _ when refusal.Asked > refusal.Limit =>
                ($"{who} use {limit} tokens in any 60 seconds, and this request alone may use {asked}.", "Lower max_tokens or shorten the prompt."),
            _ => ($"{who} use {limit} tokens in any 60 seconds; {refusal.Remaining.ToString(CultureInfo.InvariantCulture)} are left, and this request may use {asked}.",
                "Try again later, or lower max_tokens."),
        };
    }
}

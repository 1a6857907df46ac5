using System.Globalization;
using Fairlead.Accounts.Limits;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Admit;

/// <summary>The 429 of a limit of this gateway: which limit, what is left, when to come again (platform §11.4, inference §13.3).</summary>
internal static class RateErrors
{
    // Nobody knows when a request in flight ends.
    private static readonly TimeSpan ForAnother = TimeSpan.FromSeconds(1);

    /// <summary>What the caller is told.</summary>
    public static GatewayError Of(RateRefusal refusal, DateTimeOffset now)
    {
        var wait = refusal.Wait ?? (refusal.Dimension is RateDimension.Concurrency ? ForAnother : (TimeSpan?)null);
        var source = Name(refusal);
        var (what, hint) = Texts(refusal);
        return new GatewayError
        {
            Kind = ErrorKind.RateLimitExceeded,
            Message = $"Rate limit exceeded: {source}. {what} {hint}",
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

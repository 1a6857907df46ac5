using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Classifies what the vendor reports as an error (providers contract §6.6).</summary>
internal static class GeminiFailures
{
    // A day's quota comes back at midnight in the vendor's own zone; without the answer's date the hour has to do.
    private static readonly TimeSpan UnknownDay = TimeSpan.FromHours(1);

    /// <summary>A non-2xx answer.</summary>
    public static UpstreamFailure FromResponse(int status, Func<string, string?> header, ReadOnlySpan<byte> body)
    {
        using var document = JsonReading.TryParse(body);
        var error = Unwrap(document?.RootElement ?? default);
        var failure = From(status, error, body);
        return failure with { RetryAfter = ResetOfDay(error, header) ?? failure.RetryAfter ?? RetryAfterHeader.Read(header) };
    }

    /// <summary>An error inside a 200: the object or array form; null when the value is none.</summary>
    public static UpstreamFailure? InBand(JsonElement body, ReadOnlySpan<byte> raw) =>
        Unwrap(body) is { } error ? From(200, error, raw) : null;

    // {error: {…}} or [{error: {…}}]
    private static JsonElement? Unwrap(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Array && body.GetArrayLength() > 0)
            body = body[0];
        return body.Member("error"u8);
    }

    private static UpstreamFailure From(int status, JsonElement? error, ReadOnlySpan<byte> raw)
    {
        var code = error?.Text("status"u8);
        var message = error?.Text("message"u8) ?? "";
        var told = status == 200 ? (int)Math.Clamp(error?.Whole("code"u8) ?? 0, 0, 599) : status;
        var (kind, retry) = Classify(told, code, message, error is { } e ? Reason(e) : null);
        return new UpstreamFailure
        {
            Kind = kind,
            Retry = retry,
            Status = status,
            ProviderCode = code,
            Message = UpstreamText.Message(
                message, status == 200 ? "The provider reported an error without saying which." : $"The provider answered with status {status}."),
            Raw = UpstreamText.Raw(raw),
            BadSignatures = told == 400
                && (message.Contains("thought_signature", StringComparison.OrdinalIgnoreCase) || message.Contains("thought signature", StringComparison.OrdinalIgnoreCase)),
            RetryAfter = error is { } known ? RetryDelay(known) : null,
        };
    }

    private static (ErrorKind, RetryClass) Classify(int status, string? code, string message, string? reason)
    {
        if (ErrorSignals.Find(status, new ErrorBody(message, reason, code)) is { } signal)
            return (signal.Kind, signal.Retry);
        return code switch
        {
            "INVALID_ARGUMENT" => (ErrorKind.InvalidRequest, RetryClass.NextOnce),
            // With a 400 it is the account or the region; with any other status the status says more.
            "FAILED_PRECONDITION" when status is < 400 or 400 => (ErrorKind.PermissionDenied, RetryClass.Credentials),
            "UNAUTHENTICATED" => (ErrorKind.Authentication, RetryClass.Credentials),
            "PERMISSION_DENIED" => (ErrorKind.PermissionDenied, RetryClass.Credentials),
            "NOT_FOUND" => (ErrorKind.NotFound, RetryClass.UnknownModel),
            "RESOURCE_EXHAUSTED" => (ErrorKind.RateLimitExceeded, RetryClass.RateLimited),
            "INTERNAL" => (ErrorKind.ProviderUnavailable, RetryClass.NextOrSame),
            "UNAVAILABLE" => (ErrorKind.ProviderOverloaded, RetryClass.Next),
            "DEADLINE_EXCEEDED" => (ErrorKind.Timeout, RetryClass.Next),
            _ => FailureByStatus.Classify(status),
        };
    }

    // google.rpc.ErrorInfo: the vendor's own word, such as API_KEY_INVALID
    private static string? Reason(JsonElement error)
    {
        foreach (var detail in error.Items("details"u8))
        {
            if (detail.Text("reason"u8) is { } reason)
                return reason;
        }
        return null;
    }

    // google.rpc.RetryInfo: "34.4s"
    private static TimeSpan? RetryDelay(JsonElement error)
    {
        foreach (var detail in error.Items("details"u8))
        {
            if (detail.Text("retryDelay"u8) is { } delay && delay.EndsWith('s') && RetryAfterHeader.Seconds(delay[..^1], 1) is { } wait)
                return wait;
        }
        return null;
    }

    /// <summary>The time to midnight in the vendor's zone when a quota of the day is used up (§4.5): what it asks to wait then is far too short.</summary>
    private static TimeSpan? ResetOfDay(JsonElement? error, Func<string, string?> header)
    {
        if (error is not { } known || !DayIsUsedUp(known))
            return null;
        return RetryAfterHeader.Date(header("date")) is { Year: > 2000 and < 3000 } now ? ToPacificMidnight(now.UtcDateTime) : UnknownDay;
    }

    private static bool DayIsUsedUp(JsonElement error)
    {
        foreach (var detail in error.Items("details"u8))
        {
            foreach (var violation in detail.Items("violations"u8))
            {
                if (violation.Text("quotaId"u8)?.Contains("PerDay", StringComparison.Ordinal) == true)
                    return true;
            }
        }
        return false;
    }

    // Pacific time by its rule (daylight saving from the second Sunday of March to the first of November), so that no zone database is needed.
    internal static TimeSpan ToPacificMidnight(DateTime utc)
    {
        var begins = Sunday(utc.Year, 3, 2).AddHours(10);
        var ends = Sunday(utc.Year, 11, 1).AddHours(9);
        var local = utc.AddHours(utc >= begins && utc < ends ? -7 : -8);
        return local.Date.AddDays(1) - local;
    }

    private static DateTime Sunday(int year, int month, int which)
    {
        var first = new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Utc);
        return first.AddDays(((7 - (int)first.DayOfWeek) % 7) + (7 * (which - 1)));
    }
}

using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>Classifies errors (providers contract §3.3, §3.4). A broken answer names its error by a code of its own list, under status 200.</summary>
internal static class ResponsesFailures
{
    private static readonly (ErrorKind, RetryClass) BadImage = (ErrorKind.InvalidImage, RetryClass.NextOnce);

    // The codes of response.failed and of the event error that the status or the shared list does not tell; server_error and unknown ones are the provider's fault.
    private static readonly FrozenDictionary<string, (ErrorKind Kind, RetryClass Retry)> Codes = new Dictionary<string, (ErrorKind, RetryClass)>(StringComparer.Ordinal)
    {
        ["invalid_prompt"] = (ErrorKind.InvalidPrompt, RetryClass.NextOnce),
        ["invalid_encrypted_content"] = (ErrorKind.InvalidRequest, RetryClass.NextOnce),
        ["bio_policy"] = (ErrorKind.ContentPolicyViolation, RetryClass.NextModel),
        ["image_content_policy_violation"] = (ErrorKind.ContentPolicyViolation, RetryClass.NextModel),
        ["data_residency_mismatch"] = (ErrorKind.PermissionDenied, RetryClass.Next),
        ["vector_store_timeout"] = (ErrorKind.Timeout, RetryClass.Next),
        ["failed_to_download_image"] = (ErrorKind.ImageDownloadFailed, RetryClass.NextOnce),
        ["invalid_image"] = BadImage,
        ["invalid_image_format"] = BadImage,
        ["invalid_image_mode"] = BadImage,
        ["invalid_image_url"] = BadImage,
        ["invalid_base64_image"] = BadImage,
        ["image_too_large"] = BadImage,
        ["image_too_small"] = BadImage,
        ["image_parse_error"] = BadImage,
        ["image_file_too_large"] = BadImage,
        ["image_file_not_found"] = BadImage,
        ["empty_image_file"] = BadImage,
        ["unsupported_image_media_type"] = BadImage,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A non-2xx answer.</summary>
    public static UpstreamFailure FromResponse(int status, Func<string, string?> header, ReadOnlySpan<byte> body)
    {
        var failure = FailureClassifier.Classify(status, header, body);
        return status == 400 ? ByCode(failure) : failure;
    }

    /// <summary>An error inside a 200: the <c>error</c> of an answer that failed, or an error event.</summary>
    public static UpstreamFailure InBand(JsonElement error) => ByCode(FailureClassifier.ClassifyInBand(JsonMarshal.GetRawUtf8Value(error))) with { Status = 200 };

    /// <summary>An answer that failed; without an error it was cancelled there.</summary>
    public static UpstreamFailure OfAnswer(JsonElement response) => response.Member("error"u8) is { } error
        ? InBand(error)
        : new UpstreamFailure
        {
            Kind = ErrorKind.ProviderUnavailable,
            Retry = RetryClass.Next,
            Status = 200,
            ProviderCode = response.Text("status"u8),
            Message = "The provider gave the answer up without saying why.",
        };

    private static UpstreamFailure ByCode(UpstreamFailure failure)
    {
        if (failure.ProviderCode is not { } code || !Codes.TryGetValue(code, out var meant))
            return failure;
        // Encrypted reasoning of another key, organization or provider: the same endpoint takes the request without it.
        return failure with { Kind = meant.Kind, Retry = meant.Retry, BadSignatures = code == "invalid_encrypted_content" };
    }
}

using System.Globalization;
using Fairlead.Accounts.Settings;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Route;
using Fairlead.Inference.Settle;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Replay;

/// <summary>
/// The response cache (routing §14), between Receive and Prepare: gives an answer again that this caller got for the same request, or has the answer that comes kept.
/// A request that does not ask for it costs a look at its headers.
/// </summary>
internal sealed class ResponseReplay(ResponseCache cache, Presets presets, AccountSettingsIndex accounts, CreditLedger ledger, TimeProvider time)
{
    /// <summary>Answers from what is kept. False where that is not asked for or nothing is kept: the answer is to come, and may be kept.</summary>
    public ValueTask<bool> TryAnswerAsync(InferenceContext context, CanonicalRequest request, ReadOnlyMemory<byte> body)
    {
        var wish = CacheWish.Of(context.Http.Request.Headers, context.Preset?.Preset.Version);
        if (!wish.Enabled || !IsOffered(context, out var account))
            return new(false);
        var key = CacheKey.Of(context, request, account, body.Span);
        if (wish.Clear)
            cache.Remove(key);
        else if (cache.TryFind(key, out var answer, out var age))
            return AnswerAsync(context, request, answer, age);

        Say(context, "MISS", wish.Ttl);
        context.Recording = new AnswerRecording(this, context, request, key, wish.Ttl);
        return new(false);
    }

    /// <summary>Whether a caller that cannot pay may be answered all the same: giving an answer again costs nothing .</summary>
    public static bool MayAnswer(InferenceContext context, GatewayError refusal) =>
        context.Key is { IsProvisioning: false } && refusal.Kind is ErrorKind.PaymentRequired or ErrorKind.PermissionDenied && CacheWish.Of(context.Http.Request.Headers, null).Enabled;

    /// <summary>Answers such a caller; the refusal where nothing is kept for it.</summary>
    public ValueTask<GatewayError?> InsteadOfAsync(InferenceContext context, GatewayError refusal) => InsteadOfAsync(context, refusal, ReceiveChat);

    /// <summary>The same, of a body that <paramref name="read"/> understands.</summary>
    public async ValueTask<GatewayError?> InsteadOfAsync(InferenceContext context, GatewayError refusal, Func<InferenceContext, PooledBody, Outcome<CanonicalRequest>> read)
    {
        if (!(await Receiver.ReadAsync(context)).Try(out var body, out _))
            return refusal;
        using (body)
        {
            return read(context, body).Try(out var request, out _) && await TryAnswerAsync(context, request, body.Memory) ? null : refusal;
        }
    }

    private Outcome<CanonicalRequest> ReceiveChat(InferenceContext context, PooledBody body) =>
        Receiver.Parse(context, body.Memory).Try(out var received, out var error) ? presets.Apply(context, received, context.Key!.AccountId) : error;

    /// <summary>Keeps an answer.</summary>
    public void Keep(
        InferenceContext context, CanonicalRequest request, in CacheKey key, TimeSpan ttl, ReadOnlySpan<byte> sent, in RouteCandidate candidate, FinishReason finish, string? nativeFinish) =>
        cache.Keep(
            key,
            new CachedAnswer
            {
                Answer = KeptAnswer.Of(sent, request.Stream, request.Dialect, context.GenerationId),
                SourceId = context.GenerationId,
                Model = candidate.Model.Id,
                ModelPermaslug = candidate.Model.CanonicalSlug,
                Finish = finish,
                NativeFinish = nativeFinish,
                KeptAt = time.GetTimestamp(),
                Ttl = ttl,
            },
            context.Catalog.Options.ResponseCacheBytes);

    /// <summary>Not for accounts that want nothing retained, nor where the operator gives it no memory.</summary>
    private bool IsOffered(InferenceContext context, out AccountSettings account)
    {
        account = accounts.Find(context.Key!.AccountId);
        return !account.Zdr && context.Catalog.Options.ResponseCacheBytes > 0;
    }

    private async ValueTask<bool> AnswerAsync(InferenceContext context, CanonicalRequest request, CachedAnswer answer, TimeSpan age)
    {
        context.Model = answer.Model;
        // Recorded before it is told, as every answer is.
        await ledger.RecordAsync(RequestRecord.Of(context, request) with
        {
            Model = answer.Model,
            ModelPermaslug = answer.ModelPermaslug,
            ResponseCacheSourceId = answer.SourceId,
            FinishReason = FinishReasons.WireName(answer.Finish),
            NativeFinishReason = answer.NativeFinish,
            LatencyMs = (int)context.Elapsed.TotalMilliseconds,
            GenerationMs = 0,
        });

        var response = context.Http.Response;
        Say(context, "HIT", answer.Ttl - age);
        response.Headers["X-OpenRouter-Cache-Age"] = Seconds(age);
        response.Headers["X-OpenRouter-Cache-Source-Id"] = answer.SourceId;
        response.ContentType = request.Stream ? "text/event-stream" : "application/json";
        var again = answer.Answer.Again(context.GenerationId, context.ArrivedAt.ToUnixTimeSeconds());
        if (request.Stream)
            response.Headers.CacheControl = "no-cache";
        else
            response.ContentLength = again.Length;
        await response.Body.WriteAsync(again, context.Http.RequestAborted);
        return true;
    }

    private static void Say(InferenceContext context, string status, TimeSpan ttl)
    {
        context.Http.Response.Headers["X-OpenRouter-Cache-Status"] = status;
        context.Http.Response.Headers["X-OpenRouter-Cache-TTL"] = Seconds(ttl);
    }

    private static string Seconds(TimeSpan time) => ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}

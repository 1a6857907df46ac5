using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Attempt.Credentials;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Embeddings;

/// <summary>
/// One attempt at one endpoint for embeddings: as many calls as its limits ask for, a few at a time. The first that fails ends the attempt; a caller never
/// gets vectors of two endpoints together.
/// </summary>
internal sealed class EmbeddingAttempt(UpstreamClient client, UserIdentity identity, IOptions<InferenceOptions> options) : IAttempt
{
    /// <summary>Enough to hide the latency of endpoints that take one input per call, few enough to stay below their limits.</summary>
    private const int MostAtOnce = 4;

    public async ValueTask<SingleOutcome> TryAsync(
        InferenceContext context, PreparedRequest prepared, RouteCandidate candidate, Admission admission, TimeSpan budgetLeft, bool withoutSignatures)
    {
        var request = prepared.Request;
        var endpoint = candidate.Endpoint;
        var dialect = EmbeddingDialects.For(endpoint.Target!);
        var batches = EmbeddingBatches.Of(request.Embeddings!, dialect.MostInputs(endpoint.Target!), dialect.MostTokens(endpoint.Target!));
        var timeouts = endpoint.Provider.Timeouts;
        var first = TimeSpan.FromSeconds(timeouts.NonStreamedSeconds);
        using var watch = new AttemptWatch(context.Time, budgetLeft < first ? budgetLeft : first, TimeSpan.FromSeconds(timeouts.TotalSeconds));
        var work = new Work(new EmbeddingPart?[batches.Count], options.Value.MaxAnswerBytes);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(watch.Token);
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, batches.Count), new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = stop.Token }, async (i, cancellation) =>
            {
                if (await CallAsync(context, request, endpoint, dialect, batches[i], work, i, watch, first, cancellation) is not { } failure)
                    return;
                work.Fail(failure);
                await stop.CancelAsync();
            });
        }
        catch (OperationCanceledException cancelled)
        {
            // One call failed and the others were stopped, or time was up.
            work.Fail(UpstreamFailures.Of(cancelled, watch, first, gotHeaders: false)!);
        }

        if (work.Failure is { } failed)
        {
            foreach (var part in work.Parts)
                part?.Body.Dispose();
            return new SingleOutcome(null, failed);
        }

        return new SingleOutcome(
            new EmbeddingAnswer(work.Parts!)
            {
                Candidate = candidate,
                Identity = new AnswerIdentity(context.GenerationId, candidate.Model.Id, endpoint.Provider.Name, context.ArrivedAt.ToUnixTimeSeconds()),
                FirstTokenAfter = context.Elapsed,
            },
            null);
    }

    /// <summary>One call; null when its answer is kept in <paramref name="work"/>.</summary>
    private async ValueTask<UpstreamFailure?> CallAsync(
        InferenceContext context, CanonicalRequest request, Catalog.Snapshot.ModelEndpoint endpoint, IEmbeddingDialect dialect, EmbeddingBatch batch, Work work, int place,
        AttemptWatch watch, TimeSpan first, CancellationToken cancellation)
    {
        var sent = new PooledBody(4096);
        var userHash = request.User is null ? null : identity.Hash(context.Key!.AccountId, request.User);
        if (dialect.WriteRequest(request, batch, endpoint.Target!, userHash, sent) is { } unsayable)
        {
            sent.Dispose();
            return UpstreamFailures.Unsayable(unsayable);
        }

        var received = new PooledBody(16 * 1024);
        HttpResponseMessage? response = null;
        try
        {
            response = await client.SendAsync(endpoint, dialect, new UpstreamCall(), sent.Memory, cancellation);
            var failure = await ReadAsync(dialect, batch.Inputs.Count, response, received, work, place, cancellation);
            // A failed send may still be reading the bytes on its way out: only an answer proves that they were sent.
            sent.Dispose();
            if (failure is null)
                received = null;
            return failure;
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException or CredentialsException
            || (trouble is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return UpstreamFailures.Of(trouble, watch, first, gotHeaders: response is not null);
        }
        finally
        {
            received?.Dispose();
            response?.Dispose();
        }
    }

    private static async ValueTask<UpstreamFailure?> ReadAsync(
        IEmbeddingDialect dialect, int inputs, HttpResponseMessage response, PooledBody received, Work work, int place, CancellationToken cancellation)
    {
        var stream = ResponseReading.Open(response, cancellation);
        if (!response.IsSuccessStatusCode)
            return await ResponseReading.ReadFailureAsync(dialect, response, stream, cancellation);
        if (ResponseReading.MediaType(response) is var mediaType && !ResponseReading.IsJson(mediaType))
            return UpstreamFailures.WrongType(mediaType);
        if (!await ResponseReading.ReadAsync(stream, received, work.BytesLeft, cancellation))
            return UpstreamFailures.TooLarge();
        var reading = dialect.ReadAnswer(received.Memory, inputs, name => ResponseReading.Header(response, name));
        if (reading.Failure is { } unusable)
            return unusable;
        if (!work.TryTake(received.Length))
            return UpstreamFailures.TooLarge();
        work.Parts[place] = new EmbeddingPart(received, reading);
        return null;
    }

    /// <summary>What the calls of one attempt share.</summary>
    private sealed class Work(EmbeddingPart?[] parts, long mostBytes)
    {
        private long bytes;
        private UpstreamFailure? failure;

        public EmbeddingPart?[] Parts { get; } = parts;

        /// <summary>The first failure.</summary>
        public UpstreamFailure? Failure => failure;

        /// <summary>What the answers may still have, all together.</summary>
        public long BytesLeft => mostBytes - Interlocked.Read(ref bytes);

        public bool TryTake(int length) => Interlocked.Add(ref bytes, length) <= mostBytes;

        public void Fail(UpstreamFailure with) => Interlocked.CompareExchange(ref failure, with, null);
    }
}

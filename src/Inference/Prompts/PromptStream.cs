using Fairlead.Inference.Receive;
using Fairlead.Inference.Relay;
using Fairlead.Protocols.OpenAI.Completions;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Prompts;

/// <summary>
/// The caller's side of several prompts that are streamed: what each answers goes on as it comes, one write at a time, and waits while the caller is slow. Each prompt
/// settles before its own last event comes here, so the end of a good answer, which is written when all have ended, leaves after every charge (invariant M1).
/// <code>
///   a chunk          goes on, numbered for the whole
///   usage            is kept for the sum
///   an error         before the prompt's first chunk: its choices end in it, the others go on
///                    after it: goes on, and ends the whole; the others stop, and pay for what they have sent
///   comments, [DONE] stay: the whole has its own
/// </code>
/// </summary>
internal sealed class PromptStream : IAsyncDisposable
{
    private readonly HttpContext http;
    private readonly ClientStream client;
    private readonly int choices;
    private readonly string id;
    private readonly SemaphoreSlim gate = new(1);
    private readonly CancellationTokenSource ended;
    private readonly PooledBody events = new(4096);
    private readonly Prompt[] prompts;
    private ReadOnlyMemory<byte> like;
    private bool broken;

    /// <summary>Begins it; nothing is sent yet.</summary>
    /// <param name="context">The request as it came.</param>
    /// <param name="ids">Of the prompts' generations. The first is that of the whole.</param>
    /// <param name="choices">How many choices each prompt has.</param>
    public PromptStream(InferenceContext context, IReadOnlyList<string> ids, int choices)
    {
        (http, this.choices, id) = (context.Http, choices, ids[0]);
        prompts = [.. ids.Select(static _ => new Prompt())];
        ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        http.Response.Headers["X-Generation-Id"] = id;
        http.Response.Headers["X-Generation-Ids"] = string.Join(", ", ids);
        client = new ClientStream(context, context.Time, context.Catalog.Options);
    }

    /// <summary>The caller left, or an error ended the stream.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Takes whole events of a prompt. True when any of them was for the caller; returns when it has them.</summary>
    public async ValueTask<bool> PassAsync(int prompt, ReadOnlyMemory<byte> written, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (broken)
                throw new OperationCanceledException(Ended);
            events.Clear();
            Take(prompt, written);
            return await SendAsync();
        }
        finally
        {
            gate.Release();
            if (broken)
                await ended.CancelAsync();
        }
    }

    /// <summary>A prompt was refused, or nobody could answer it.</summary>
    /// <param name="prompt">Its number.</param>
    /// <param name="error">The error's body.</param>
    public async ValueTask FailAsync(int prompt, ReadOnlyMemory<byte> error)
    {
        await gate.WaitAsync(Ended);
        try
        {
            if (broken)
                return;
            events.Clear();
            Fail(prompt, error);
            await SendAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>All prompts have ended: writes the end. False when nothing was ever sent, nor will be: the answer is the error of the first prompt.</summary>
    public async ValueTask<bool> TryEndAsync()
    {
        if (broken)
            return true;
        if (Array.Exists(prompts, static prompt => !prompt.Ended && prompt.Error.IsEmpty))
        {
            // One was cut off without a word: the connection must not look as if it ended well.
            http.Abort();
            return true;
        }

        if (like.IsEmpty && prompts[0] is { FailedInBand: false, Error.IsEmpty: false } && !await client.EndStartedAsync())
        {
            http.Response.Headers.Remove("X-Generation-Ids");
            return false;
        }

        events.Clear();
        if (like.IsEmpty && !prompts[0].Error.IsEmpty)
            PromptEvents.WriteUnanswered(prompts[0].Error, id, events);
        PromptEvents.WriteEnd([.. prompts.Select(static prompt => prompt.End).Where(static end => !end.IsEmpty)], id, events);
        await SendAsync();
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        events.Dispose();
        gate.Dispose();
        ended.Dispose();
    }

    private void Take(int prompt, ReadOnlyMemory<byte> written)
    {
        var state = prompts[prompt];
        while (!written.IsEmpty && !broken)
        {
            var one = written[..written.Span.IndexOf("\n\n"u8)];
            written = written[(one.Length + 2)..];
            var kind = PromptEvents.Read(one.Span, out var chunk);
            state.Ended |= kind == PromptEvent.Done;
            if (kind is PromptEvent.Other or PromptEvent.Done)
                continue;
            if (kind == PromptEvent.Failure && !state.Begun)
            {
                state.FailedInBand = true;
                Fail(prompt, chunk.ToArray());
                continue;
            }

            state.Begun = true;
            if (kind == PromptEvent.Usage)
                state.End = chunk.ToArray();
            if (kind != PromptEvent.Usage || PromptEvents.HasChoices(chunk))
                PromptEvents.WriteChunk(chunk, id, prompt * choices, events);
            Begin(chunk);
            if (kind == PromptEvent.Failure)
            {
                PromptEvents.WriteDone(events);
                broken = true;
            }
        }
    }

    /// <summary>The first chunk of all: what failed before it can be said.</summary>
    private void Begin(ReadOnlySpan<byte> chunk)
    {
        if (!like.IsEmpty)
            return;
        like = chunk.ToArray();
        for (var prompt = 0; prompt < prompts.Length; prompt++)
        {
            if (!prompts[prompt].Error.IsEmpty)
                PromptEvents.WriteFailed(like, prompts[prompt].Error, id, prompt * choices, choices, events);
        }
    }

    private void Fail(int prompt, ReadOnlyMemory<byte> error)
    {
        prompts[prompt].Error = error;
        if (!like.IsEmpty)
            PromptEvents.WriteFailed(like, error, id, prompt * choices, choices, events);
    }

    private async ValueTask<bool> SendAsync()
    {
        if (events.Length == 0)
            return false;
        await client.EnterAsync();
        events.Span.CopyTo(client.Output.GetSpan(events.Length));
        client.Output.Advance(events.Length);
        await client.LeaveAsync();
        return true;
    }

    /// <summary>How far one prompt is.</summary>
    private sealed class Prompt
    {
        /// <summary>A chunk of it came.</summary>
        public bool Begun { get; set; }

        /// <summary>It said its last.</summary>
        public bool Ended { get; set; }

        /// <summary>It failed after its own stream had begun, with a comment.</summary>
        public bool FailedInBand { get; set; }

        /// <summary>Why it was not answered, before its first chunk.</summary>
        public ReadOnlyMemory<byte> Error { get; set; }

        /// <summary>Its chunk with the usage.</summary>
        public ReadOnlyMemory<byte> End { get; set; }
    }
}

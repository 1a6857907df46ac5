using System.Buffers;
using Fairlead.Inference.Admit;
using Fairlead.Inference.Attempt;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Relay;

/// <summary>
/// Relay, streamed. From the commit point on the answer can only be finished or reported broken in band:
/// <code>
///   upstream bytes ─▶ FrameReader ─▶ StreamTranslator ─▶ ClientStream ─▶ caller
///        (1) read        (2) split         (3) translate       (4) flush
/// </code>
/// (1) waits at most the endpoint's <c>between_tokens_s</c>; (3) writes straight into the caller's pipe; (4) happens once for all events of one read,
/// so an event that came alone leaves alone, and waits while the caller is slow, so that nothing is buffered beyond the pipe. (5) Between reads the
/// hold grows with what was emitted. The end (usage chunk and terminator) is not written here: it leaves only after Settle (invariant M1).
/// </summary>
internal static class StreamRelay
{
    /// <summary>Copies the answer up to its end. Never throws for what callers or providers do.</summary>
    public static async ValueTask<StreamEnd> CopyAsync(StreamedAnswer answer, ClientStream client, HttpContext http, Admission admission)
    {
        var copy = new Copy(answer, client, http, admission);
        return await copy.RunAsync();
    }

    /// <summary>Writes what must come last, if the caller is still there: the usage chunk and <c>[DONE]</c>, or the error chunk.</summary>
    public static async ValueTask WriteLastAsync(ClientStream client, Action<IBufferWriter<byte>> write)
    {
        await client.EnterAsync();
        try
        {
            write(client.Output);
        }
        finally
        {
            await LeaveAsync(client);
        }
    }

    private static async ValueTask<bool> LeaveAsync(ClientStream client)
    {
        try
        {
            await client.LeaveAsync();
            return true;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }

    private sealed class Copy(StreamedAnswer answer, ClientStream client, HttpContext http, Admission admission)
    {
        private readonly StreamTranslator translator = answer.Translator;
        private Task<int>? reading = answer.Reading;
        private bool clientGone;

        public async ValueTask<StreamEnd> RunAsync()
        {
            var step = answer.LastStep;
            var bodyEnded = answer.BodyEnded;
            await SendPendingAsync();
            while (true)
            {
                if (translator.Failure is { } reported)
                    return new StreamEnd(reported, false, false, clientGone);
                if (step == StreamStep.Unreadable && !bodyEnded)
                    return new StreamEnd(UpstreamFailures.Unreadable(), false, false, clientGone);
                if (answer.Frames.TooLarge)
                    return new StreamEnd(UpstreamFailures.TooLarge(), false, false, clientGone);
                if (step == StreamStep.End || bodyEnded)
                    return await CompleteAsync(step == StreamStep.Unreadable ? UpstreamFailures.Unreadable() : UpstreamFailures.Cut());
                if (!admission.Covers(translator.Meter.UpperEstimate) && !await admission.TryCoverAsync(answer.Candidate, translator.Meter.Count()))
                    return await CutShortAsync();

                try
                {
                    var begun = reading;
                    reading = null;
                    var read = await (begun is null ? answer.Body.ReadAsync(answer.Frames.GetMemory(), answer.Watch.Token) : new ValueTask<int>(begun));
                    answer.Watch.Progress();
                    if (read > 0)
                        answer.Frames.Advance(read);
                    else
                        answer.Frames.Complete();
                    bodyEnded = read == 0;
                }
                catch (Exception trouble) when (trouble is HttpRequestException or IOException or OperationCanceledException or InvalidDataException)
                {
                    return answer.Watch.End switch
                    {
                        AttemptEnd.ClientGone => new StreamEnd(null, false, Aborted: true, ClientGone: true),
                        AttemptEnd.Stalled => await CompleteAsync(UpstreamFailures.Stalled()),
                        AttemptEnd.Overlong => await CompleteAsync(UpstreamFailures.Overlong()),
                        _ => await CompleteAsync(UpstreamFailures.Cut()),
                    };
                }

                step = await TranslateAsync();
            }
        }

        private async ValueTask SendPendingAsync()
        {
            await client.EnterAsync();
            client.Output.Write(answer.Pending.Span);
            clientGone |= !await LeaveAsync(client);
        }

        /// <summary>Translates every event that is there into the caller's pipe, and flushes once if anything was written.</summary>
        private async ValueTask<StreamStep> TranslateAsync()
        {
            var step = StreamStep.Continue;
            if (clientGone || http.RequestAborted.IsCancellationRequested)
            {
                clientGone = true;
                answer.Pending.Clear();
                TranslateAvailable(answer.Pending, ref step);
                return step;
            }

            await client.EnterAsync();
            var before = client.Output.UnflushedBytes;
            TranslateAvailable(client.Output, ref step);
            if (client.Output.UnflushedBytes == before)
                client.LeaveUnchanged();
            else
                clientGone |= !await LeaveAsync(client);
            return step;
        }

        private void TranslateAvailable(IBufferWriter<byte> output, ref StreamStep step)
        {
            while (answer.Frames.TryRead(out var frame))
            {
                step = translator.Translate(frame.Name, frame.Data, output);
                if (step != StreamStep.Continue || translator.Failure is not null)
                    return;
            }

            if (answer.Frames.Broken)
                step = StreamStep.Unreadable;
        }

        /// <summary>
        /// The upstream said its last, or nothing more can be read, an event that the end of the body cut too. With a finish the answer is whole, and only its
        /// last bytes are missing; without one it is broken (P-03).
        /// </summary>
        private async ValueTask<StreamEnd> CompleteAsync(UpstreamFailure otherwise)
        {
            await client.EnterAsync();
            var whole = translator.Complete(clientGone ? answer.Pending : client.Output);
            clientGone |= !await LeaveAsync(client);
            return new StreamEnd(whole ? null : otherwise, false, false, clientGone);
        }

        /// <summary>The credits do not cover more: the upstream is stopped and the answer ends with <c>length</c> (I-63).</summary>
        private async ValueTask<StreamEnd> CutShortAsync()
        {
            answer.Response.Dispose();
            await client.EnterAsync();
            translator.WriteFinish(FinishReason.Length, clientGone ? answer.Pending : client.Output);
            clientGone |= !await LeaveAsync(client);
            return new StreamEnd(null, CutShort: true, false, clientGone);
        }
    }
}

// LiteRT's interpreter with the methods that the page uses, which asks the one of Python (interpreter.py).
package org.tensorflow.lite

import java.io.Closeable
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.File
import java.nio.ByteBuffer

class Interpreter(model: ByteBuffer, @Suppress("UNUSED_PARAMETER") options: Options) : Closeable {
    class Options {
        fun setNumThreads(@Suppress("UNUSED_PARAMETER") threads: Int): Options = this
    }

    private val file = File.createTempFile("model", ".tflite")
    private val process: Process

    init {
        file.writeBytes(bytes(model))
        process = ProcessBuilder(System.getProperty("python"), System.getProperty("server"), file.path)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
    }

    fun runSignature(inputs: Map<String, Any>, outputs: Map<String, Any>, signature: String) {
        val question = DataOutputStream(process.outputStream)
        question.writeUTF(signature)
        question.writeInt(inputs.size)
        for ((name, values) in inputs) {
            val content = bytes(values as ByteBuffer)
            question.writeUTF(name)
            question.writeInt(content.size)
            question.write(content)
        }
        question.flush()
        val answer = DataInputStream(process.inputStream)
        repeat(answer.readInt()) {
            val buffer = outputs.getValue(answer.readUTF()) as ByteBuffer
            val content = ByteArray(answer.readInt())
            answer.readFully(content)
            buffer.rewind()
            buffer.put(content)
            buffer.rewind()
        }
    }

    override fun close() {
        process.outputStream.close()
        process.waitFor()
        file.delete()
    }

    private fun bytes(buffer: ByteBuffer): ByteArray {
        buffer.rewind()
        return ByteArray(buffer.remaining()).also { buffer.get(it) }
    }
}
